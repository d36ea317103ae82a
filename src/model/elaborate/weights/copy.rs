//! Nets copied, and whole nets as values of `<-`. In: a net or a density. Out: the same one with weights
//! and states of its own, or the new value of each of its slots. A copy is its file once more, an
//! instance with the same settings, whose initial values are drawn by the names of the original.

use crate::base::{FileId, Span, budget, codes};
use crate::graph::DType;
use crate::model::elaborate::expr::call::join;
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::items::setting_names;
use crate::model::elaborate::value::{Args, Env, Func, FuncBody, Value, bind, find};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{ExprId, ExprKind, ParamId, PhaseStmt, StateId, Static, Type};
use crate::syntax::ast::{self, CallableKind};
use std::collections::{BTreeMap, BTreeSet};

/// A weight or a state.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    Param(ParamId),
    State(StateId),
}

/// A net that owns weights by a path: its file, name and path.
pub struct Net {
    file: FileId,
    name: String,
    path: String,
}

impl<'a> Elab<'a> {
    /// `copy(net)`
    pub fn copy(&mut self, value: &Value<'a>, span: Span) -> Res<Value<'a>> {
        let Some(net) = self.net_of(value) else {
            let text = format!("`copy` takes a net or a density, this is {}", value.kind());
            let help = "declare it at top level: `net f(x: f32[D]) -> f32[H] = ...`, then `const target = copy(f)`";
            return self.fail(codes::RL0105, text, span, help);
        };
        let base = {
            let (base, is_const) = self.place_of_files();
            let n = self.numbered(&base, "copy", span);
            if is_const && n == 0 { base } else { join(&base, &format!("copy_{n}")) }
        };
        let around: BTreeSet<&String> =
            self.names.copies.values().filter(|around| inside(&base, around).is_some()).collect();
        self.allow(budget::COPIES, around.len(), span)?;
        let file = self.copied_file(net.file, &base, span)?;
        self.name(&net.name, file, &None, span)
    }

    /// A file once more, its weights behind a prefix.
    fn copied_file(&mut self, of: FileId, base: &str, span: Span) -> Res<FileId> {
        let prefix = self.names.prefixes.get(&of).cloned().unwrap_or_default();
        let settings = self.settings_of(of, span)?;
        let path = join(base, &prefix).trim_end_matches('.').to_string();
        let id = self.instance_at(of, path, settings);
        self.names.copies.insert(id, base.to_string());
        Ok(id)
    }

    /// The dims and settings of a file or an instance.
    pub fn settings_of(&mut self, of: FileId, span: Span) -> Res<BTreeMap<String, Static>> {
        let mut settings = BTreeMap::new();
        let files = self.names.files;
        for name in setting_names(&files[&of]) {
            let value = self.name(name, of, &None, span)?;
            settings.extend(
                crate::model::elaborate::expr::as_static(&value).map(|v| (name.to_string(), v)),
            );
        }
        Ok(settings)
    }

    /// The file that an imported one is for a copy: copied too.
    pub fn counterpart(&mut self, user: FileId, used: FileId, span: Span) -> Res<FileId> {
        match self.names.copies.get(&user).cloned() {
            Some(base) => self.copied_file(used, &base, span),
            None => Ok(used),
        }
    }

    /// The path under which the original of a slot stands: that of the slot itself unless it belongs
    /// to a copy. Initial values are drawn by it.
    pub fn original<'p>(&self, path: &'p str) -> &'p str {
        let mut path = path;
        while let Some(rest) = self.names.copies.values().find_map(|base| inside(path, base)) {
            path = rest;
        }
        path
    }

    /// The net or density behind a value, if it owns its weights by its declaration.
    pub fn net_of(&self, value: &Value<'a>) -> Option<Net> {
        match value {
            Value::Func(func) => match &**func {
                Func { body: FuncBody::Item(item), instance: None, file, .. }
                    if matches!(item.kind, CallableKind::Net | CallableKind::Bijection) =>
                {
                    let name = item.name.name.clone();
                    Some(Net { file: *file, path: self.path_of(*file, &name), name })
                }
                _ => None,
            },
            Value::Density(of) => {
                // Files that are used without a name have the path of the file that uses them.
                let home = |file: &&FileId| {
                    let own = self.names.globals.get(*file).and_then(|names| names.get(&of.name));
                    own.is_some_and(|g| matches!(g.item.kind, ast::ItemKind::Density(_)))
                        && self.path_of(**file, &of.name) == of.path
                };
                let file = *self.names.prefixes.keys().filter(home).min()?;
                Some(Net { file, name: of.name.clone(), path: of.path.clone() })
            }
            _ => None,
        }
    }

    /// Weights and states of a net and of everything that it uses, by their names inside of it.
    fn slots_of(&self, net: &Net) -> BTreeMap<String, Slot> {
        let base = self.names.copies.get(&net.file).cloned().unwrap_or_default();
        let names = self.reached(vec![net.path.clone()]);
        let key = |path: &str| {
            let own = names.iter().any(|n| path == n || inside(path, n).is_some());
            let short = if base.is_empty() { path } else { inside(path, &base).unwrap_or(path) };
            let head = inside(&net.path, &base).unwrap_or(&net.path);
            own.then(|| inside(short, head).map_or(format!("/{short}"), str::to_string))
        };
        let params = self
            .m
            .params
            .iter()
            .enumerate()
            .filter_map(|(i, p)| key(&p.path).map(|key| (key, Slot::Param(ParamId(i as u32)))));
        let states = self
            .m
            .states
            .iter()
            .enumerate()
            .filter_map(|(i, s)| key(&s.path).map(|key| (key, Slot::State(StateId(i as u32)))));
        params.chain(states).collect()
    }

    /// Makes the weights of a net that nothing has called yet, by a call on variables.
    fn make_weights(&mut self, value: &Value<'a>, span: Span) -> Res<()> {
        let Value::Func(func) = value else { return Ok(()) };
        let FuncBody::Item(item) = &func.body else { return Ok(()) };
        let mut args = Args::default();
        for formal in &item.formals {
            let Some(ast::RType::Plain(ty)) = &formal.ty else { return Ok(()) };
            let ty = self.closed_type(ty, func.file, &None, true)?;
            let (_, id) = self.m.fresh_var(&formal.name.name, ty, span);
            args.positional.push((Value::Tensor(id), span));
        }
        // The call draws nothing that counts.
        let drawn = self.made.drawn.clone();
        let result = self.declaring("copy", false, |e| e.apply(value, args, span));
        self.made.drawn = drawn;
        result.map(|_| ())
    }

    /// `target <- 0.99 * target + 0.01 * net`: every weight and state of a net.
    pub fn assign_net(
        &mut self,
        (name, target): (&'a ast::Ident, &Value<'a>),
        value: ast::ExprId,
        env: &Env<'a>,
        out: &mut Vec<PhaseStmt>,
    ) -> Res<()> {
        let span = self.names.files[&self.names.entry].expr(value).span;
        let nets = self.nets_in((name, target), value, env)?;
        let slots = self.matching_slots(&nets, span)?;
        let mut new = Vec::new();
        for (key, target) in &slots[0] {
            let mut inner = env.clone();
            for ((word, _), slots) in nets.iter().zip(&slots) {
                let slot = Value::Tensor(self.slot_expr(slots[key], span)?);
                let global = self.names.globals[&self.names.entry].get(word).copied();
                inner = match global {
                    Some(global) => bind(&inner, (word.as_str(), global.span), slot),
                    None => bind(&inner, word.as_str(), slot),
                };
            }
            if slots[1..].iter().any(|other| other[key] == *target) {
                continue; // shared by both: it stays what it is
            }
            let before = self.diags.list.len();
            let value = self.slot_value(*target, value, &inner, span);
            if value.is_err() {
                self.name_slot(*target, before);
            }
            new.push((*target, value?));
        }
        self.write_slots(&name.name, new, span, out);
        Ok(())
    }

    /// The net that is written, and those that its new value names, with what stands for them.
    fn nets_in(
        &mut self,
        (name, target): (&ast::Ident, &Value<'a>),
        value: ast::ExprId,
        env: &Env<'a>,
    ) -> Res<Vec<(String, Value<'a>)>> {
        let span = self.names.files[&self.names.entry].expr(value).span;
        let mut words: BTreeMap<String, ast::ExprId> = BTreeMap::new();
        self.names_in(value, &mut words);
        let first = |word: &str| word.split('.').next().unwrap_or(word).to_string();
        words.retain(|word, _| find(env, &first(word)).is_none() && *word != name.name);
        let mut nets = vec![(name.name.clone(), target.clone())];
        for (word, at) in words {
            if self.item_called(&first(&word), span)?.is_none() {
                continue;
            }
            let value = self.eval(at, self.names.entry, env)?;
            if self.net_of(&value).is_some() {
                nets.push((word, value));
            }
        }
        Ok(nets)
    }

    /// Gives slots their new values: all of them are computed before the first is written.
    fn write_slots(
        &mut self,
        name: &str,
        new: Vec<(Slot, ExprId)>,
        span: Span,
        out: &mut Vec<PhaseStmt>,
    ) {
        let mut writes = Vec::new();
        for (slot, id) in new {
            let ty = self.ty(id).clone();
            let (var, v) = self.m.fresh_var(name, ty, span);
            out.push(PhaseStmt::Let { var, value: id, more: false });
            writes.push(match slot {
                Slot::Param(p) => PhaseStmt::AssignParam(p, v),
                Slot::State(s) => PhaseStmt::AssignState(s, v),
            });
        }
        out.extend(writes);
    }

    /// The slots of several nets, which must have the same names.
    fn matching_slots(
        &mut self,
        nets: &[(String, Value<'a>)],
        span: Span,
    ) -> Res<Vec<BTreeMap<String, Slot>>> {
        let all = |e: &Self| -> Vec<BTreeMap<String, Slot>> {
            nets.iter().filter_map(|(_, v)| e.net_of(v)).map(|net| e.slots_of(&net)).collect()
        };
        let same = |list: &[BTreeMap<String, Slot>]| {
            !list[0].is_empty() && list.iter().all(|slots| slots.keys().eq(list[0].keys()))
        };
        let mut slots = all(self);
        if !same(&slots) {
            for (_, value) in nets {
                self.make_weights(value, span)?;
            }
            slots = all(self);
        }
        if slots[0].is_empty() {
            let text = format!("`{}` owns no weights", nets[0].0);
            return self.fail(codes::RL0119, text, span, "`<-` writes what a net owns");
        }
        self.same_names(nets, &slots, span)?;
        Ok(slots)
    }

    /// What the first of several nets owns, each other one owns too, and no more.
    fn same_names(
        &mut self,
        nets: &[(String, Value<'a>)],
        slots: &[BTreeMap<String, Slot>],
        span: Span,
    ) -> Res<()> {
        let target = &nets[0].0;
        for ((word, _), other) in nets.iter().zip(slots).skip(1) {
            let odd = slots[0].keys().find(|key| !other.contains_key(*key));
            let odd = odd.or_else(|| other.keys().find(|key| !slots[0].contains_key(*key)));
            let Some(key) = odd else { continue };
            let (has, lacks) =
                if other.contains_key(key) { (word, target) } else { (target, word) };
            let key = key.trim_start_matches('/');
            let text = format!("`{has}` has a weight `{key}`, `{lacks}` has none");
            let help = format!("give both the same layers: `const {target} = copy({word})`");
            return self.fail(codes::RL0112, text, span, &help);
        }
        Ok(())
    }

    fn slot_ty(&self, slot: Slot) -> Type {
        match slot {
            Slot::Param(p) => self.m.params[p.0 as usize].ty.clone(),
            Slot::State(s) => self.m.states[s.0 as usize].ty.clone(),
        }
    }

    fn slot_expr(&mut self, slot: Slot, span: Span) -> Res<ExprId> {
        let ty = self.slot_ty(slot);
        match slot {
            Slot::Param(p) => self.push(ExprKind::Param(p), ty, span),
            Slot::State(s) => self.push(ExprKind::State(s), ty, span),
        }
    }

    /// Messages about the value of a slot say which of the net's it is. What is no real has no
    /// average: that is the mistake then, and not how the formula is written.
    fn name_slot(&mut self, slot: Slot, before: usize) {
        let ty = self.slot_ty(slot);
        let (kind, path) = match slot {
            Slot::Param(p) => ("weight", &self.m.params[p.0 as usize].path),
            Slot::State(s) => ("state", &self.m.states[s.0 as usize].path),
        };
        let text = format!("the {kind} `{path}` of the net is `{}`", show(&ty));
        for diagnostic in &mut self.diags.list[before..] {
            if ty.dtype == DType::F32 {
                diagnostic.notes.push(text.clone());
            } else {
                diagnostic.help = vec![format!("{text}: declare it `f32`, then it has an average")];
            }
        }
    }

    /// The new value of one slot.
    fn slot_value(
        &mut self,
        slot: Slot,
        value: ast::ExprId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<ExprId> {
        let ty = self.slot_ty(slot);
        let new = self.eval(value, self.names.entry, env)?;
        let new = self.tensor(&new, span)?;
        self.no_metric(new, span)?;
        let new = self.fill(new, &ty.shape, span)?;
        let given = self.ty(new).clone();
        if given.varies {
            let text = "a net is one for the whole batch, its new value differs between examples";
            return self.fail(codes::RL0103, text.into(), span, "average it: `batch_mean(...)`");
        }
        if given.shape != ty.shape {
            let text = format!("a weight is `{}`, its new value `{}`", show(&ty), show(&given));
            let help = "compute it from nets and numbers: `target <- 0.99 * target + 0.01 * net`";
            return self.fail(codes::RL0103, text, span, help);
        }
        self.as_declared(new, &ty, ("the new value of a weight", span))
    }

    /// `f`, or `m.f` of an imported file or an instance.
    pub fn path_written(&self, id: ast::ExprId) -> Option<String> {
        match &self.names.files[&self.names.entry].expr(id).kind {
            ast::ExprKind::Name(name) => Some(name.clone()),
            ast::ExprKind::Member { base, name } if name.name != "T" => {
                self.path_written(*base).map(|base| join(&base, &name.name))
            }
            _ => None,
        }
    }

    /// Names that an expression mentions, with those of members of files: `m.f`.
    fn names_in(&self, id: ast::ExprId, out: &mut BTreeMap<String, ast::ExprId>) {
        use ast::ExprKind::*;
        if let Some(path) = self.path_written(id) {
            out.insert(path, id);
            return;
        }
        let values = |list: &[ast::Arg]| list.iter().map(|a| a.value).collect::<Vec<_>>();
        let below = match &self.names.files[&self.names.entry].expr(id).kind {
            Unary { arg, .. } | Paren(arg) => vec![*arg],
            Binary { lhs, rhs, .. } => vec![*lhs, *rhs],
            If { cond, then, other } => vec![*cond, *then, *other],
            Call { callee, args, rest, .. } => [vec![*callee], values(args), values(rest)].concat(),
            Tuple(list) => values(list),
            Index { base, .. } | Member { base, .. } => vec![*base],
            _ => vec![],
        };
        below.into_iter().for_each(|e| self.names_in(e, out));
    }
}

/// What of a path lies below another one.
fn inside<'p>(path: &'p str, base: &str) -> Option<&'p str> {
    path.strip_prefix(base)?.strip_prefix('.')
}
