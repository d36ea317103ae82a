//! Densities. In: a declaration. Out: the factors of a joint, one for each statement that draws or
//! computes a variable.

pub mod bound;
pub mod closed;
pub mod draws;
pub mod estimator;
pub mod factors;
pub mod family;
pub mod probability;
pub mod query;
pub mod sampled;

use crate::base::{FileId, Span, budget, codes};
use crate::graph::DType;
use crate::model::elaborate::bijection::Way;
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::scope::{Context, Scope};
use crate::model::elaborate::value::{Densities, DistCall, Env, OwnerFrame, Value, bind};
use crate::model::elaborate::weights::writes::last_places;
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{
    self, Change, DensityId, DistId, ExprId, Factor, Obstacle, Support, Type, VarId,
};
use crate::syntax::ast;
use std::cell::RefCell;
use std::rc::Rc;

/// The body of a density while its statements are read.
pub(super) struct Body<'a> {
    pub(super) item: &'a ast::Density,
    pub(super) file: FileId,
    /// The variables of the head, where a statement draws or computes them.
    pub(super) over: Vec<Option<VarId>>,
    pub(super) factors: Vec<Factor>,
}

/// Whether a density is a product of factors.
fn has_factors(item: &ast::Density) -> bool {
    item.body.iter().any(|stmt| matches!(stmt.kind, ast::StmtKind::Factor(_)))
}

/// The type that a density writes for a name, in its head or in a statement.
fn written_type<'a>(density: &'a ast::Density, wanted: &str) -> Option<&'a ast::Type> {
    let heads = density.over.iter().chain(&density.given);
    let drawn = density.body.iter().filter_map(|s| match &s.kind {
        ast::StmtKind::Draw { name, ty, .. } | ast::StmtKind::Define { name, ty, .. } => {
            Some((name, ty.as_ref()))
        }
        _ => None,
    });
    let typed = heads.map(|rv| (&rv.name, rv.ty.as_ref())).chain(drawn);
    typed.filter(|(name, _)| name.name == wanted).find_map(|(_, ty)| ty)
}

impl<'a> Elab<'a> {
    /// All densities of a name in a file. Where the name stands, their layers are called.
    pub fn densities(&mut self, name: &str, file: FileId) -> Res<Value<'a>> {
        let value = self.read_densities(name, file)?;
        let Value::Density(of) = &value else { return Ok(value) };
        let calls = self.calls_of(&of.ids);
        Ok(Value::Density(Rc::new(Densities { calls, ..(**of).clone() })))
    }

    fn read_densities(&mut self, name: &str, file: FileId) -> Res<Value<'a>> {
        if let Some(value) = self.recall(file, name) {
            return Ok(value);
        }
        let items = self.declared_densities(name, file);
        let path = self.path_of(file, name);
        let owner = Rc::new(RefCell::new(OwnerFrame {
            path: path.clone(),
            owners: self.owners_of(file, name),
            ..OwnerFrame::default()
        }));
        let Context { training, batch, .. } = *self.here.ctx;
        let inside = |here: &mut Scope<'a>| {
            here.fields_visible = false;
            here.whole = false;
            here.ctx = Rc::new(Context { training, data: vec![], batch });
        };
        let declare = |e: &mut Self| {
            items.into_iter().map(|item| e.declare(item, file)).collect::<Res<Vec<DensityId>>>()
        };
        let before = self.told.wrote.len();
        let (ids, asked) = self
            .asking(|e| e.at(inside, |e| e.declaring(&path, true, |e| e.owned(owner, declare))));
        let of = Densities { name: name.into(), path, ids: ids?, calls: vec![] };
        let value = Value::Density(Rc::new(of));
        self.keep((file, name), &value, asked, asked, before);
        Ok(value)
    }

    /// The declarations of a name as densities: the factors of one joint.
    fn declared_densities(&self, name: &str, file: FileId) -> Vec<&'a ast::Density> {
        let files = self.names.files;
        let items = files[&file].items.iter().filter_map(|item| match &item.kind {
            ast::ItemKind::Density(d) if d.name.name == name => Some(d),
            _ => None,
        });
        items.collect()
    }

    pub fn head_type(&mut self, rv: &'a ast::Rv, file: FileId) -> Res<Option<Type>> {
        if let Some(ty) = &rv.ty {
            return self.closed_type(ty, file, &None, true).map(Some);
        }
        // The same name in another density's head or in a data set.
        let files = self.names.files;
        let mut densities = files[&file].items.iter().filter_map(|item| match &item.kind {
            ast::ItemKind::Density(d) => Some(d),
            _ => None,
        });
        if let Some(ty) = densities.find_map(|d| written_type(d, &rv.name.name)) {
            return self.closed_type(ty, file, &None, true).map(Some);
        }
        Ok(self.m.fields.iter().find(|f| f.name == rv.name.name).map(|f| f.ty.clone()))
    }

    pub fn declare(&mut self, item: &'a ast::Density, file: FileId) -> Res<DensityId> {
        let first = self.names.globals.get(&file).and_then(|names| names.get(&item.name.name));
        self.names_at(item.name.span, first.map(|first| first.span));
        let (given, mut env) = self.given_of(item, file)?;
        let part = self.made.parts
            [&(file, item.name.name.clone(), crate::model::elaborate::items::ir_role(item.role))];
        let before = self.told.wrote.len();
        let mut body = Body { item, file, over: vec![None; item.over.len()], factors: Vec::new() };
        if has_factors(item) {
            env = self.names_of_factors(&mut body, env)?;
        }
        self.allow(budget::STATEMENTS, item.body.len(), item.name.span)?;
        for stmt in &item.body {
            env = self.density_stmt(&mut body, stmt, env)?;
        }
        self.draws_its_head(&body)?;
        let change = self.change_of(&body)?;
        let over = body.over.into_iter().flatten().collect();
        // Its layers are called where it is used, not where it is read.
        let calls = last_places(&self.told.wrote.split_off(before));
        let id = DensityId(self.m.densities.len() as u32);
        self.m.densities.push(ir::Density {
            name: self.path_of(file, &item.name.name),
            part,
            over,
            given,
            factors: body.factors,
            change,
            calls,
            span: item.name.span,
        });
        self.m.parts[part.0 as usize].densities.push(id);
        Ok(id)
    }

    /// How hidden draws follow from what the head names, where that is computed.
    fn change_of(&mut self, body: &Body<'a>) -> Res<Option<Result<Change, Obstacle>>> {
        let in_head = |var: &VarId| body.over.contains(&Some(*var));
        let (mut hidden, mut targets) = (Vec::new(), Vec::new());
        for factor in &body.factors {
            match factor {
                Factor::Draw { var, .. } if !in_head(var) => hidden.push(*var),
                Factor::Define { var, value, .. } if in_head(var) => {
                    targets.push((*value, self.mention(*var)));
                }
                _ => {}
            }
        }
        if targets.is_empty() || hidden.is_empty() {
            return Ok(None);
        }
        let unknown: Vec<ExprId> = hidden.iter().map(|var| self.mention(*var)).collect();
        let inverse = self.invert(&unknown, &targets, Way::Back, self.m.expr(targets[0].0).span)?;
        Ok(Some(inverse.map(|inverse| Change {
            solved: hidden.into_iter().zip(inverse.solved).collect(),
            log_det: inverse.log_det,
            partial: inverse.partial,
        })))
    }

    /// The variables after the bar of a head, which need a type, and their names.
    fn given_of(&mut self, item: &'a ast::Density, file: FileId) -> Res<(Vec<VarId>, Env<'a>)> {
        let mut env: Env<'a> = None;
        let mut given = Vec::new();
        for rv in &item.given {
            let Some(ty) = self.head_type(rv, file)? else {
                let text = format!("the type of `{}` is not known", rv.name.name);
                let help = format!("write `{}: f32[D]` after the bar", rv.name.name);
                return self.fail(codes::RL0124, text, rv.name.span, &help);
            };
            let (var, id) = self.m.fresh_var(&rv.name.name, ty, rv.name.span);
            given.push(var);
            self.variable_at(&rv.name);
            env = bind(&env, &rv.name, Value::Tensor(id));
        }
        Ok((given, env))
    }

    /// A body draws all that its head is over, where no energy says how it is distributed.
    fn draws_its_head(&mut self, body: &Body<'a>) -> Res<()> {
        let Body { item, over, factors, .. } = body;
        for (rv, var) in item.over.iter().zip(over) {
            if var.is_none() && factors.iter().all(|f| !matches!(f, Factor::Energy { .. })) {
                let text = format!("`{}` never draws `{}`", item.name.name, rv.name.name);
                let help = format!("add `{}: f32[D] ~ Normal(...)`", rv.name.name);
                return self.fail(codes::RL0114, text, rv.name.span, &help);
            }
        }
        Ok(())
    }

    /// Reads a statement; gives the names after it.
    fn density_stmt(
        &mut self,
        body: &mut Body<'a>,
        stmt: &'a ast::Stmt,
        env: Env<'a>,
    ) -> Res<Env<'a>> {
        let file = body.file;
        match &stmt.kind {
            ast::StmtKind::Let { names, tuple, ty, draws: false, value } => {
                let place = self.names.files[&file].expr(*value).span;
                let bound = self.eval(*value, file, &env)?;
                let bound = self.typed(bound, ty.as_ref(), (file, &env), (&names[0], place))?;
                self.bind_names(names, *tuple, bound, env, place)
            }
            ast::StmtKind::Param(slot) => {
                let id = self.param(slot, file, &env)?;
                Ok(bind(&env, &slot.name, Value::Tensor(id)))
            }
            ast::StmtKind::Factor(e) => {
                self.factor_stmt(body, *e, &env, stmt.span)?;
                Ok(env)
            }
            ast::StmtKind::Draw { name, ty, dist } if has_factors(body.item) => {
                self.base_stmt(body, (name, ty.as_ref(), *dist), &env, stmt.span)?;
                Ok(env)
            }
            ast::StmtKind::Define { name, .. } if has_factors(body.item) => {
                let text = format!(
                    "`{}` is a product of factors, and draws nothing itself",
                    body.item.name.name
                );
                let help = format!(
                    "write its log-probability as a factor, or declare `{}` in another density",
                    name.name
                );
                self.fail(codes::RL0129, text, stmt.span, &help)
            }
            ast::StmtKind::Draw { name, ty, dist } => {
                self.draw_stmt(body, (name, ty.as_ref(), *dist), env, stmt.span)
            }
            ast::StmtKind::Define { name, ty, value } => {
                self.define_stmt(body, (name, ty.as_ref(), *value), env, stmt.span)
            }
            _ => self.no_meaning(stmt.span),
        }
    }

    /// A statement that no density holds.
    fn no_meaning<T>(&mut self, span: Span) -> Res<T> {
        let text = "this statement has no meaning in a density".into();
        let help = "densities hold `let`, `param`, `~`, `=` and `factor`";
        self.fail(codes::RL0120, text, span, help)
    }

    /// `factor e`: a term of the log-potential.
    fn factor_stmt(
        &mut self,
        body: &mut Body<'a>,
        e: ast::ExprId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<()> {
        let place = self.names.files[&body.file].expr(e).span;
        let value = self.eval(e, body.file, env)?;
        let value = self.tensor(&value, place)?;
        let ty = self.ty(value).clone();
        if !ty.shape.is_empty() || ty.dtype != DType::F32 {
            let text = format!("a factor is one real number, this is `{}`", show(&ty));
            return self.fail(
                codes::RL0113,
                text,
                place,
                "add its elements: `sum(...)`, `dot(a, b)`",
            );
        }
        body.factors.push(Factor::Energy { value, span });
        Ok(())
    }

    /// What a product of factors is over has its types in the head, and its names in every statement.
    fn names_of_factors(&mut self, body: &mut Body<'a>, mut env: Env<'a>) -> Res<Env<'a>> {
        for (at, rv) in body.item.over.iter().enumerate() {
            let Some(ty) = self.head_type(rv, body.file)? else {
                let text = format!("the type of `{}` is not known", rv.name.name);
                let help = format!("write `{}: bit[V]` in the head", rv.name.name);
                return self.fail(codes::RL0124, text, rv.name.span, &help);
            };
            if ty.ends {
                return self.no_end("a block of a product of factors", rv.name.span);
            }
            let (var, id) = self.m.fresh_var(&rv.name.name, ty, rv.name.span);
            body.over[at] = Some(var);
            self.variable_at(&rv.name);
            env = bind(&env, &rv.name, Value::Tensor(id));
        }
        Ok(env)
    }

    /// `z: f32[Z] ~ Normal(0, 1)`
    fn draw_stmt(
        &mut self,
        body: &mut Body<'a>,
        (name, ty, dist): (&'a ast::Ident, Option<&'a ast::Type>, ast::ExprId),
        env: Env<'a>,
        span: Span,
    ) -> Res<Env<'a>> {
        let (item, file) = (body.item, body.file);
        let declared = self.draw_type(item, name, ty, file, &env)?;
        let value = self.eval(dist, file, &env)?;
        let stream = format!("{}.{}", self.here.density, name.name);
        let value = match value {
            Value::Ordered(_) => value,
            _ => {
                let call = self.dist_call(&value, self.names.files[&file].expr(dist).span)?;
                Value::Dist(self.openable(item, &name.name, call, file)?)
            }
        };
        let dist = self.shaped(&value, declared, &stream, span)?;
        let in_head = item.over.iter().position(|rv| rv.name.name == name.name);
        let dist_of = &self.m.dists[dist.0 as usize];
        // What the head names may be observed: then its values are those that are declared.
        let ty = if in_head.is_some() { dist_of.ty.clone() } else { dist_of.drawn() };
        let (var, id) = self.m.fresh_var(&name.name, ty, span);
        if let Some(at) = in_head {
            body.over[at] = Some(var);
        }
        body.factors.push(Factor::Draw { var, dist, span });
        self.variable_at(name);
        Ok(bind(&env, name, Value::Tensor(id)))
    }

    /// `x: f32[D] = e`
    fn define_stmt(
        &mut self,
        body: &mut Body<'a>,
        (name, ty, value): (&'a ast::Ident, Option<&'a ast::Type>, ast::ExprId),
        env: Env<'a>,
        span: Span,
    ) -> Res<Env<'a>> {
        let (item, file) = (body.item, body.file);
        let place = self.names.files[&file].expr(value).span;
        let bound = self.eval(value, file, &env)?;
        let bound = self.typed(bound, ty, (file, &env), (name, place))?;
        let id = self.tensor(&bound, place)?;
        let ends = self.ends(id);
        if !ends && self.counts(id, place)?.iter().any(Option::is_some) {
            return self.loose_end("a variable of a density", place);
        }
        let mut of = Type { ends, ..self.ty(id).clone() };
        self.as_in_head(item, name, &of, file)?;
        let in_head = item.over.iter().position(|rv| rv.name.name == name.name);
        if in_head.is_some() && of.dtype == DType::F32 {
            // It may be observed: where the function gives no such value, its density is 0.
            of.support = match ty {
                Some(ty) => self.closed_type(ty, file, &env, true)?.support,
                None => Support::Real,
            };
        }
        let (var, _) = self.m.fresh_var(&name.name, of, span);
        if let Some(at) = in_head {
            body.over[at] = Some(var);
        }
        body.factors.push(Factor::Define { var, value: id, span });
        self.variable_at(name);
        Ok(bind(&env, name, Value::Tensor(id)))
    }

    pub fn draw_type(
        &mut self,
        item: &'a ast::Density,
        name: &ast::Ident,
        ty: Option<&'a ast::Type>,
        file: FileId,
        env: &Env<'a>,
    ) -> Res<Option<Type>> {
        if let Some(ty) = ty {
            let ty = self.closed_type(ty, file, env, true)?;
            self.as_in_head(item, name, &ty, file)?;
            return Ok(Some(ty));
        }
        match item.over.iter().find(|rv| rv.name.name == name.name) {
            Some(rv) => self.head_type(rv, file),
            None => Ok(None),
        }
    }

    /// What a statement says of a variable is what the head says.
    fn as_in_head(
        &mut self,
        item: &'a ast::Density,
        name: &ast::Ident,
        ty: &Type,
        file: FileId,
    ) -> Res<()> {
        let head = item.over.iter().find(|rv| rv.name.name == name.name);
        let Some(written) = head.and_then(|rv| rv.ty.as_ref()) else { return Ok(()) };
        let wanted = self.closed_type(written, file, &None, true)?;
        self.same_type(&name.name, &wanted, (ty, name.span), written.span)
    }

    /// A distribution of values of a type; `stream` names the noise of its draws.
    pub fn shaped(
        &mut self,
        value: &Value<'a>,
        declared: Option<Type>,
        stream: &str,
        span: Span,
    ) -> Res<DistId> {
        match value {
            Value::Ordered(of) => self.autoregressive(of, declared, stream, span),
            _ if declared.as_ref().is_some_and(|ty| ty.ends) => {
                let text = "a sequence that ends is drawn position by position".into();
                let help = "write `x ~ Autoregressive(logits = net)`";
                self.fail(codes::RL0131, text, span, help)
            }
            other => {
                let call = self.dist_call(other, span)?;
                self.shape_dist(&call, declared, stream, span)
            }
        }
    }

    pub fn dist_call(&mut self, value: &Value<'a>, span: Span) -> Res<Rc<DistCall<'a>>> {
        match value {
            Value::Dist(call) => Ok(call.clone()),
            other => {
                let text = format!("`~` takes a distribution, this is {}", other.kind());
                self.fail(
                    codes::RL0105,
                    text,
                    span,
                    "write for instance `z ~ Normal(0, 1)`; a value is given with `=`",
                )
            }
        }
    }
}
