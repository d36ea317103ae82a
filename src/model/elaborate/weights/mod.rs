//! Weights and states. In: their declarations, or what a statement needs to keep. Out: slots of the model,
//! one for each path, with an initial value that is made from nothing.

pub mod copy;
pub mod instance;
pub mod number;
pub mod writes;

use crate::base::{FileId, Span, budget, codes};
use crate::graph::op::map as ops;
use crate::graph::{Attrs, DType};
use crate::model::elaborate::expr::call::join;
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::scope::{Asked, NoiseContext, Scope};
use crate::model::elaborate::value::{Env, find};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{self, ExprId, ExprKind, Support, Type};
use crate::syntax::{self, ast};
use std::cell::Cell;
use std::rc::Rc;

impl<'a> Elab<'a> {
    /// A weight of the current owner, made once per path.
    pub fn param(&mut self, slot: &'a ast::Slot, file: FileId, env: &Env<'a>) -> Res<ExprId> {
        let (path, mut owners) = {
            let owner = self.here.owner.borrow();
            (join(&owner.path, &slot.name.name), owner.owners.clone())
        };
        self.has_owner(slot, "weights are made here that nothing owns")?;
        if owners.is_empty() {
            owners.push(slot.name.name.clone());
        }
        let span = self.place(slot.name.span);
        let ty = self.type_of_weight(slot, &path, file, env)?;
        let owned: usize = owners.iter().map(String::len).sum();
        self.spend(budget::PATHS, path.len() + owned, span)?;
        self.declared_once(&path, slot.name.span)?;
        if let Some(id) = self.made.params.get(&path).copied() {
            let ty = self.one_set_of_weights(id, &ty, span)?;
            let old = self.m.params[id.0 as usize].init;
            self.one_start(old, slot, (&ty, false), &path, file, env)?;
            return self.push(ExprKind::Param(id), ty, span);
        }
        let init = self.initial(slot, (&ty, false), &path, file, env)?;
        let id = ir::ParamId(self.m.params.len() as u32);
        self.m.params.push(ir::Param { path: path.clone(), ty: ty.clone(), init, owners, span });
        self.made.params.insert(path, id);
        self.push(ExprKind::Param(id), ty, span)
    }

    /// The declared type of a weight, which has one size for all phases.
    fn type_of_weight(
        &mut self,
        slot: &'a ast::Slot,
        path: &str,
        file: FileId,
        env: &Env<'a>,
    ) -> Res<Type> {
        let (ty, asked) = self.asking(|e| e.closed_type(&slot.ty, file, env, false));
        let ty = ty?;
        if ty.ends {
            return self.no_end("a weight", slot.ty.span);
        }
        if asked.rows {
            let text = format!("weight `{path}` has the number of rows of a batch as a dim");
            let help = "weights have one size: name the dim with `dim`";
            return self.fail(codes::RL0112, text, self.place(slot.name.span), help);
        }
        Ok(ty)
    }

    /// The type of a weight that there is already: calls give it one shape.
    fn one_set_of_weights(&mut self, id: ir::ParamId, ty: &Type, span: Span) -> Res<Type> {
        let ir::Param { path, ty: old, .. } = self.m.params[id.0 as usize].clone();
        if (&old.shape, old.support) == (&ty.shape, ty.support) {
            return Ok(old);
        }
        let (old, new) = (show(&old), show(ty));
        let text = format!("weight `{path}` is `{old}` in one call and `{new}` in another");
        let help =
            "a net has one set of weights; give every call the same shape, or use a `module`";
        self.fail(codes::RL0112, text, span, help)
    }

    /// A state slot of the current owner; reads the value written before in this application.
    pub fn state(
        &mut self,
        slot: &'a ast::Slot,
        file: FileId,
        env: &Env<'a>,
    ) -> Res<(ExprId, ir::StateId)> {
        self.has_owner(slot, "a state is made here that nothing owns")?;
        let path = join(&self.here.owner.borrow().path, &slot.name.name);
        let span = self.place(slot.name.span);
        let (ty, asked) = self.asking(|e| e.closed_type(&slot.ty, file, env, false));
        let ty = ty?;
        if ty.ends {
            return self.no_end("a state", slot.ty.span);
        }
        self.spend(budget::PATHS, path.len(), span)?;
        self.declared_once(&path, slot.name.span)?;
        let id = match self.made.states.get(&path).copied() {
            Some(id) => {
                self.one_size(id, &ty, span)?;
                let old = self.m.states[id.0 as usize].init;
                self.one_start(old, slot, (&ty, asked.rows), &path, file, env)?;
                id
            }
            None => {
                let init = self.initial(slot, (&ty, asked.rows), &path, file, env)?;
                self.new_state(path, ty.clone(), init, span)
            }
        };
        Ok((self.push(ExprKind::State(id), ty, span)?, id))
    }

    /// A state that there is already has the same shape in every phase.
    fn one_size(&mut self, id: ir::StateId, ty: &Type, span: Span) -> Res<()> {
        let ir::State { path, ty: old, .. } = &self.m.states[id.0 as usize];
        if (&old.shape, old.support) == (&ty.shape, ty.support) {
            return Ok(());
        }
        let (old, new) = (show(old), show(ty));
        let text = format!("state `{path}` is `{old}` in one phase and `{new}` in another");
        let help = "a state has one size: give every phase that uses it batches of the \
                    same number of rows, or keep what does not depend on them";
        self.fail(codes::RL0112, text, span, help)
    }

    /// A slot that there is already starts at one value, whichever call is reached first.
    fn one_start(
        &mut self,
        old: ExprId,
        slot: &'a ast::Slot,
        ty: (&Type, bool),
        path: &str,
        file: FileId,
        env: &Env<'a>,
    ) -> Res<()> {
        if !self.mentions_a_local(slot.init, file, env) {
            return Ok(());
        }
        let new = self.initial(slot, ty, path, file, env)?;
        // Two places that draw are two draws.
        let below = self.m.below(&[new], &Default::default(), |_| true);
        let draws = |e: &ExprId| self.m.expr(*e).kind.densities().next().is_some();
        if new == old || below.iter().any(draws) {
            return Ok(());
        }
        let text = format!("`{path}` starts at one value in one call and at another in the next");
        let help = "a net has one set of weights: give every call what their initial values need \
                    alike, or use a `module`";
        let span = self.names.files[&file].expr(slot.init).span;
        self.fail(codes::RL0112, text, span, help)
    }

    /// Whether an expression mentions an argument or a name of the body that it stands in, or may.
    fn mentions_a_local(&self, id: ast::ExprId, file: FileId, env: &Env<'a>) -> bool {
        use ast::ExprKind::*;
        match &self.names.files[&file].expr(id).kind {
            Name(name) => find(env, name).is_some(),
            Chain { .. } | Scan { .. } | Lambda { .. } | Expect { .. } => env.is_some(),
            kind => kind.children().any(|e| self.mentions_a_local(e, file, env)),
        }
    }

    /// What a call makes belongs to a net or a density: elsewhere there is one for all calls.
    fn has_owner(&mut self, slot: &'a ast::Slot, text: &str) -> Res<()> {
        if !self.here.owner.borrow().owners.is_empty() || self.here.calls.is_empty() {
            return Ok(());
        }
        let place = self.place(slot.name.span);
        let help = "put the layer in a `net`, in an `encoder` or `decoder`, or in a density";
        self.fail(codes::RL0111, text.into(), place, help)
    }

    /// A path is that of one declaration: two factors of a joint have one owner, and so have all
    /// statements of a body.
    fn declared_once(&mut self, path: &str, written: Span) -> Res<()> {
        let old = *self.made.declared.entry(path.into()).or_insert(written);
        if old == written {
            return Ok(());
        }
        let name = path.rsplit('.').next().unwrap_or(path);
        let diagnostic = syntax::declared_twice(name, self.place(written), self.place(old))
            .note(format!("both are `{path}`"));
        self.stop(diagnostic)
    }

    /// A state that no declaration writes: one number for each element at first, made once per path.
    pub fn kept_state(
        &mut self,
        path: String,
        ty: Type,
        start: f64,
        span: Span,
    ) -> Res<(ExprId, ir::StateId)> {
        self.spend(budget::PATHS, path.len(), span)?;
        let id = match self.made.states.get(&path) {
            Some(id) => *id,
            None => {
                let init = self.literal(start, ty.dtype, span);
                let init = self.fill(init, &ty.shape, span)?;
                self.new_state(path, ty.clone(), init, span)
            }
        };
        Ok((self.push(ExprKind::State(id), ty, span)?, id))
    }

    fn new_state(&mut self, path: String, ty: Type, init: ExprId, span: Span) -> ir::StateId {
        let id = ir::StateId(self.m.states.len() as u32);
        self.m.states.push(ir::State { path: path.clone(), ty, init, span });
        self.made.states.insert(path, id);
        id
    }

    /// The first value of a slot. `sized`: the slot has as many rows as a batch.
    fn initial(
        &mut self,
        slot: &'a ast::Slot,
        (ty, sized): (&Type, bool),
        path: &str,
        file: FileId,
        env: &Env<'a>,
    ) -> Res<ExprId> {
        let span = self.names.files[&file].expr(slot.init).span;
        let what = format!("the initial value of `{}`", slot.name.name);
        let noise = NoiseContext {
            shape: ty.shape.clone(),
            stream: format!("init.{}", self.original(path)),
            drawn: Cell::new(0),
            per_example: false,
            weight: Some(ty.shape.clone()),
        };
        let inside = |here: &mut Scope<'a>| {
            here.noise = Some(Rc::new(noise));
            // One value, whatever repeats the place that is reached first.
            here.around = ir::Around::default();
        };
        let (value, asked) = self.asking(|e| e.at(inside, |e| e.eval(slot.init, file, env)));
        let value = value?;
        let on = match asked {
            Asked { rows: true, .. } if !sized => Some("the number of rows of a batch"),
            Asked { training: true, .. } => Some("whether a phase trains"),
            _ => None,
        };
        if let Some(on) = on {
            let help =
                "there is one for all phases: write a number, or name it with `dim` or `config`";
            return self.fail(codes::RL0120, format!("{what} depends on {on}"), span, help);
        }
        let id = self.tensor(&value, span)?;
        let id = self.fill(id, &ty.shape, span)?;
        self.one_initial_value(id, ty, (&what, span))?;
        self.no_metric(id, span)?;
        self.made_from_nothing(id, &slot.name.name, span)?;
        self.as_declared(id, ty, (&what, span))
    }

    /// An initial value has the shape of its slot and is one for all examples.
    fn one_initial_value(&mut self, id: ExprId, ty: &Type, (what, span): (&str, Span)) -> Res<()> {
        let help = "use `zeros()`, `normal(0, 0.02)`, `glorot()`, or a constant of that shape";
        if self.ty(id).shape != ty.shape {
            let text = format!("{what} is `{}`, its type `{}`", show(self.ty(id)), show(ty));
            return self.fail(codes::RL0103, text, span, help);
        }
        if self.ty(id).varies {
            let text = format!("{what} is computed for each example, and there is one for all");
            let help = format!("{help}; a draw is `normal_noise()` or `uniform_noise()`");
            return self.fail(codes::RL0103, text, span, &help);
        }
        Ok(())
    }

    /// A value that a slot takes, which keeps its type and its range. Numbers known now that are whole
    /// may stand for whole numbers.
    pub fn as_declared(
        &mut self,
        id: ExprId,
        ty: &Type,
        (what, span): (&str, Span),
    ) -> Res<ExprId> {
        let (low, high) = self.range(id);
        let whole = low == high && low.fract() == 0.0 && low.abs() <= f64::from(i32::MAX);
        let mut id = id;
        if whole && ty.dtype == DType::I32 && self.ty(id).dtype == DType::F32 {
            let to = Attrs::DType(DType::I32);
            id = self.op(&ops::CAST, vec![id], to, Support::Integer, span)?;
        }
        self.of_kind(id, ty, (what, span))?;
        let inside = match ty.support {
            Support::Interval(a, b) => low >= a && high <= b,
            _ => false,
        };
        if inside || self.lies_in(id, ty.support) {
            return Ok(id);
        }
        let text = format!("{what} may lie outside of its type, `{}`", show(ty));
        self.fail(codes::RL0106, text, span, &brought_into(ty.support))
    }

    /// Reals, whole numbers and truth values do not stand for each other in a slot.
    fn of_kind(&mut self, id: ExprId, ty: &Type, (what, span): (&str, Span)) -> Res<()> {
        let given = self.ty(id);
        if given.dtype == ty.dtype {
            return Ok(());
        }
        let text = format!("{what} is `{}`, the declared type `{}`", show(given), show(ty));
        let help = match ty.dtype {
            DType::F32 => "make it a real: `float(...)`",
            DType::I32 => "make it a whole number: `int(...)`",
            DType::Bool => "give `true` or `false`, or compare: `x > 0`",
        };
        self.fail(codes::RL0106, text, span, help)
    }

    /// Initial values are made before there are weights, states and data.
    fn made_from_nothing(&mut self, id: ExprId, slot: &str, span: Span) -> Res<()> {
        let below = self.m.below(&[id], &Default::default(), |_| true);
        let kind = |e: &ExprId| &self.m.expr(*e).kind;
        if below.iter().any(|e| matches!(kind(e), ExprKind::Derivative { .. })) {
            let text = format!("the initial value of `{slot}` takes a derivative");
            let help = "write the formula of the derivative; a state can be given its value in a \
                        phase, `s <- e`";
            return self.fail(codes::RL0120, text, span, help);
        }
        let read = self.first_read(below);
        let Some(read) = read else { return Ok(()) };
        let text = format!("the initial value of `{slot}` reads `{read}`, which has no value yet");
        let help = "use `zeros()`, `normal(0, 0.02)`, `glorot()` or numbers; a state can be given \
                    its value in a phase, `s <- e`";
        self.fail(codes::RL0117, text, span, help)
    }

    /// The first of some expressions that reads data, weights, states or variables that none of them binds.
    fn first_read(&self, below: Vec<ExprId>) -> Option<String> {
        let bound: Vec<ir::VarId> = below.iter().flat_map(|e| self.m.bound_by(*e)).collect();
        below.into_iter().find_map(|e| match self.m.expr(e).kind {
            ExprKind::Field(f) => Some(self.m.fields[f.0 as usize].name.clone()),
            ExprKind::Var(v) if !bound.contains(&v) => Some(self.m.vars[v.0 as usize].name.clone()),
            ExprKind::Param(p) => Some(self.m.params[p.0 as usize].path.clone()),
            ExprKind::State(s) => Some(self.m.states[s.0 as usize].path.clone()),
            ExprKind::Table(t) => Some(self.m.tables[t.0 as usize].name()),
            ExprKind::Builtin(_) => Some("step".into()),
            _ => None,
        })
    }
}

/// The hint for a value that may lie outside of its range.
fn brought_into(support: Support) -> String {
    match support {
        Support::Index(n) => {
            format!("bring it there: `clip(i, 0, {})` or `i % {n}`", n.saturating_sub(1))
        }
        Support::Interval(a, b) => {
            format!("bring it there, `clip(e, {a}, {b})`, or declare it without a range")
        }
        _ => "give 0 or 1, or declare it `f32`".into(),
    }
}
