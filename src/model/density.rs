//! Densities: declarations to factors, queries such as `q(z | x)` to applied factors, and the
//! special forms `E`, `KL`, `log p`, `elbo`, `iwae` that stay symbolic for `objective`.

use super::elab::{Context, Elab, Res};
use super::ir::{self, Applied, DensityId, DistId, ExprId, ExprKind, Factor, Support, Type, VarId};
use super::types::show;
use super::value::{Densities, DistCall, Env, OwnerFrame, Query, QueryArg, Value, bind};
use crate::base::{FileId, Span, codes};
use crate::graph::DType;
use crate::syntax::ast::{self, Bar};
use std::cell::RefCell;
use std::rc::Rc;

/// The type of a scalar in nats.
fn scalar(varies: bool) -> Type {
    Type { dtype: DType::F32, shape: vec![], support: Support::Real, varies }
}

/// Factors, and the values that stand for their variables.
type Resolved = (Vec<DensityId>, Vec<(VarId, ExprId)>);

/// A density side of `KL` or `E` with its variables bound to fresh ones.
pub(super) struct Sampled {
    pub applied: Applied,
    /// Name, variable of the density, fresh variable.
    pub vars: Vec<(String, VarId, VarId)>,
}

impl<'a> Elab<'a> {
    /// All densities of a name in a file.
    pub fn densities(&mut self, name: &str, file: FileId) -> Res<Value<'a>> {
        let key = (
            file,
            name.to_string(),
            Some(Context { training: self.ctx.training, data: None, batch: 0 }),
        );
        if let Some(value) = self.memo.get(&key) {
            return Ok(value.clone());
        }
        let files = self.files;
        let items: Vec<&'a ast::Density> = files[&file]
            .items
            .iter()
            .filter_map(|item| match &item.kind {
                ast::ItemKind::Density(d) if d.name.name == name => Some(d),
                _ => None,
            })
            .collect();
        let owner = Rc::new(RefCell::new(OwnerFrame {
            path: name.into(),
            owners: vec![name.into()],
            ..OwnerFrame::default()
        }));
        let calls = std::mem::take(&mut self.calls);
        let visible = std::mem::replace(&mut self.fields_visible, false);
        let noise = std::mem::take(&mut self.noise);
        let ctx = Context { training: self.ctx.training, data: None, batch: self.ctx.batch };
        let asked = std::mem::replace(&mut self.asked_training, false);
        let ids = self.within(ctx, |e| {
            e.owned(owner, |e| {
                items.into_iter().map(|item| e.declare(item, file)).collect::<Res<Vec<DensityId>>>()
            })
        });
        self.calls = calls;
        self.fields_visible = visible;
        self.noise = noise;
        let value = Value::Density(Rc::new(Densities { name: name.into(), ids: ids? }));
        if !self.asked_training {
            // The same in train, eval and sample phases.
            let mut other = key.clone();
            other.2 = other.2.map(|c| Context { training: !c.training, ..c });
            self.memo.insert(other, value.clone());
        }
        self.asked_training |= asked;
        self.memo.insert(key, value.clone());
        Ok(value)
    }

    fn head_type(&mut self, rv: &'a ast::Rv, file: FileId) -> Res<Option<Type>> {
        if let Some(ty) = &rv.ty {
            return self.closed_type(ty, file, &None, true).map(Some);
        }
        // The same name in another density's head or in a data set.
        let files = self.files;
        for item in &files[&file].items {
            if let ast::ItemKind::Density(d) = &item.kind {
                let heads = d.over.iter().chain(&d.given);
                let drawn = d.body.iter().filter_map(|s| match &s.kind {
                    ast::StmtKind::Draw { name, ty, .. }
                    | ast::StmtKind::Define { name, ty, .. } => Some((name, ty.as_ref())),
                    _ => None,
                });
                let mut typed = heads.map(|rv| (&rv.name, rv.ty.as_ref())).chain(drawn);
                if let Some((_, Some(ty))) =
                    typed.find(|(n, ty)| n.name == rv.name.name && ty.is_some())
                {
                    return self.closed_type(ty, file, &None, true).map(Some);
                }
            }
        }
        Ok(self.m.fields.iter().find(|f| f.name == rv.name.name).map(|f| f.ty.clone()))
    }

    fn declare(&mut self, item: &'a ast::Density, file: FileId) -> Res<DensityId> {
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
            env = bind(&env, &rv.name.name, Value::Tensor(id));
        }
        let part = self.parts[&(file, item.name.name.clone(), super::items::ir_role(item.role))];
        let mut over = vec![None; item.over.len()];
        let mut factors = Vec::new();
        for stmt in &item.body {
            env = self.density_stmt(item, stmt, file, env, &mut over, &mut factors)?;
        }
        for (rv, var) in item.over.iter().zip(&over) {
            if var.is_none() && factors.iter().all(|f| !matches!(f, Factor::Energy { .. })) {
                let text = format!("`{}` never draws `{}`", item.name.name, rv.name.name);
                let help = format!("add `{}: f32[D] ~ Normal(...)`", rv.name.name);
                return self.fail(codes::RL0114, text, rv.name.span, &help);
            }
        }
        let over = over.into_iter().flatten().collect();
        let id = DensityId(self.m.densities.len() as u32);
        let span = item.name.span;
        self.m.densities.push(ir::Density {
            name: item.name.name.clone(),
            part,
            over,
            given,
            factors,
            span,
        });
        self.m.parts[part.0 as usize].densities.push(id);
        Ok(id)
    }

    fn density_stmt(
        &mut self,
        item: &'a ast::Density,
        stmt: &'a ast::Stmt,
        file: FileId,
        env: Env<'a>,
        over: &mut [Option<VarId>],
        factors: &mut Vec<Factor>,
    ) -> Res<Env<'a>> {
        let span = stmt.span;
        match &stmt.kind {
            ast::StmtKind::Let { names, tuple, draws: false, value, .. } => {
                let place = self.files[&file].expr(*value).span;
                let bound = self.eval(*value, file, &env)?;
                self.bind_names(names, *tuple, bound, env, place)
            }
            ast::StmtKind::Param(slot) => {
                let id = self.param(slot, file, &env)?;
                Ok(bind(&env, &slot.name.name, Value::Tensor(id)))
            }
            ast::StmtKind::Factor(e) => {
                let place = self.files[&file].expr(*e).span;
                self.fail(
                    codes::RL0125,
                    "models with `factor` are not compiled yet".into(),
                    place,
                    "directed densities are: `z ~ Normal(0, 1)`",
                )
            }
            ast::StmtKind::Draw { name, ty, dist } => {
                let declared = self.draw_type(item, name, ty.as_ref(), file, &env)?;
                let value = self.eval(*dist, file, &env)?;
                let call = self.dist_call(&value, self.files[&file].expr(*dist).span)?;
                let stream = format!("{}.{}", item.name.name, name.name);
                let dist = self.shape_dist(&call, declared, &stream, span)?;
                let ty = self.m.dists[dist.0 as usize].ty.clone();
                let (var, id) = self.m.fresh_var(&name.name, ty, span);
                if let Some(at) = item.over.iter().position(|rv| rv.name.name == name.name) {
                    over[at] = Some(var);
                }
                factors.push(Factor::Draw { var, dist, span });
                Ok(bind(&env, &name.name, Value::Tensor(id)))
            }
            ast::StmtKind::Define { name, ty, value } => {
                let place = self.files[&file].expr(*value).span;
                let mut bound = self.eval(*value, file, &env)?;
                if let Some(ty) = ty {
                    bound = self
                        .accept(bound, ty, file, env.clone(), (&format!("`{}`", name.name), place))?
                        .0;
                }
                let id = self.tensor(&bound, place)?;
                let ty = self.ty(id).clone();
                let (var, _) = self.m.fresh_var(&name.name, ty, span);
                if let Some(at) = item.over.iter().position(|rv| rv.name.name == name.name) {
                    over[at] = Some(var);
                }
                factors.push(Factor::Define { var, value: id, span });
                Ok(bind(&env, &name.name, Value::Tensor(id)))
            }
            _ => self.fail(
                codes::RL0120,
                "this statement has no meaning in a density".into(),
                span,
                "densities hold `let`, `param`, `~`, `=` and `factor`",
            ),
        }
    }

    fn draw_type(
        &mut self,
        item: &'a ast::Density,
        name: &ast::Ident,
        ty: Option<&'a ast::Type>,
        file: FileId,
        env: &Env<'a>,
    ) -> Res<Option<Type>> {
        if let Some(ty) = ty {
            return self.closed_type(ty, file, env, true).map(Some);
        }
        match item.over.iter().find(|rv| rv.name.name == name.name) {
            Some(rv) => self.head_type(rv, file),
            None => Ok(None),
        }
    }

    fn dist_call(&mut self, value: &Value<'a>, span: Span) -> Res<Rc<DistCall<'a>>> {
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

    // ---- queries ----

    #[allow(clippy::too_many_arguments)]
    pub fn query(
        &mut self,
        of: Rc<Densities>,
        args: &'a [ast::Arg],
        bar: Option<Bar>,
        rest: &'a [ast::Arg],
        file: FileId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        if bar == Some(Bar::Versus) {
            return self.fail(
                codes::RL0105,
                "`||` separates the sides of a divergence".into(),
                span,
                "condition with a single bar: `q(z | x)`",
            );
        }
        let over = self.query_args(args, file, env)?;
        let given = self.query_args(rest, file, env)?;
        Ok(Value::Query(Rc::new(Query { of, over, given, span })))
    }

    fn query_args(
        &mut self,
        args: &'a [ast::Arg],
        file: FileId,
        env: &Env<'a>,
    ) -> Res<Vec<QueryArg<'a>>> {
        let mut list = Vec::new();
        for arg in args {
            let expr = self.files[&file].expr(arg.value);
            let bare = match &expr.kind {
                ast::ExprKind::Name(name) => Some(name.clone()),
                _ => None,
            };
            let known = bare.as_ref().is_none_or(|n| {
                super::value::find(env, n).is_some()
                    || (self.fields_visible && self.m.fields.iter().any(|f| f.name == *n))
                    || self.globals[&file].contains_key(n)
            });
            let value = if known { Some(self.eval(arg.value, file, env)?) } else { None };
            let name = arg.name.as_ref().map(|n| n.name.clone()).or(bare);
            list.push(QueryArg { name, value, span: expr.span });
        }
        Ok(list)
    }

    fn var_name(&self, var: VarId) -> &str {
        &self.m.vars[var.0 as usize].name
    }

    /// The factors that a query names, and the values of the variables they are given.
    fn resolve(&mut self, query: &Query<'a>) -> Res<Resolved> {
        let all = query.of.ids.clone();
        let wanted: Vec<String> = if query.over.is_empty() {
            all.iter()
                .flat_map(|d| self.m.densities[d.0 as usize].over.clone())
                .map(|v| self.var_name(v).to_string())
                .collect()
        } else {
            query.over.iter().map(|a| a.name.clone().unwrap_or_default()).collect()
        };
        let mut chosen = Vec::new();
        for id in &all {
            let density = &self.m.densities[id.0 as usize];
            let names: Vec<&str> = density.over.iter().map(|v| self.var_name(*v)).collect();
            if names.iter().all(|n| wanted.iter().any(|w| w == n)) {
                chosen.push(*id);
            }
        }
        let covered = |e: &Self, name: &String| {
            chosen
                .iter()
                .any(|d| e.m.densities[d.0 as usize].over.iter().any(|v| e.var_name(*v) == name))
        };
        if let Some(missing) = wanted.iter().find(|name| !covered(self, name)) {
            let heads = self.heads(&query.of);
            let text = format!("`{}` is not declared over `{missing}`", query.of.name);
            return self.fail(codes::RL0114, text, query.span, &format!("declared: {heads}"));
        }
        let mut bind = Vec::new();
        let mut position = 0;
        for id in &chosen {
            for var in self.m.densities[id.0 as usize].given.clone() {
                let name = self.var_name(var).to_string();
                if wanted.contains(&name) {
                    continue; // bound with the sampled or scored variables
                }
                let arg = query.given.iter().find(|a| a.name.as_deref() == Some(&name)).cloned();
                let arg = arg.or_else(|| {
                    query.given.get(position).filter(|a| !self.is_given(&chosen, a)).cloned()
                });
                position += 1;
                let Some(arg) = arg else {
                    return self.missing_given(query, &name);
                };
                let Some(value) = arg.value else {
                    return self.missing_given(query, &name);
                };
                let value = self.tensor(&value, arg.span)?;
                self.check_binding(var, value, arg.span)?;
                bind.push((var, value));
            }
        }
        Ok((chosen, bind))
    }

    fn is_given(&self, chosen: &[DensityId], arg: &QueryArg<'a>) -> bool {
        chosen.iter().any(|d| {
            self.m.densities[d.0 as usize]
                .given
                .iter()
                .any(|v| Some(self.var_name(*v)) == arg.name.as_deref())
        })
    }

    fn missing_given<T>(&mut self, query: &Query<'a>, name: &str) -> Res<T> {
        let drawn = query.of.ids.iter().flat_map(|d| &self.m.densities[d.0 as usize].over);
        if let Some(var) = drawn.copied().find(|v| self.var_name(*v) == name)
            && query.given.is_empty()
        {
            let at = self.m.vars[var.0 as usize].span;
            return self.intractable(&query.of.name.clone(), name, at, query.span);
        }
        let heads = self.heads(&query.of);
        let text = format!("`{}` is given no `{name}`", query.of.name);
        let diagnostic = self.error(codes::RL0117, text, query.span, "").help(format!(
            "`{name}` is neither a data field nor drawn here: draw it with `E[{name} ~ ...](...)`, or write `{name} = value` after the bar; to leave it open take a bound, `elbo(p, q)`"
        )).note(format!("declared: {heads}"));
        self.stop(diagnostic)
    }

    fn heads(&self, of: &Densities) -> String {
        let list = of.ids.iter().map(|d| {
            let density = &self.m.densities[d.0 as usize];
            let names = |list: &[VarId]| {
                list.iter().map(|v| self.var_name(*v)).collect::<Vec<_>>().join(", ")
            };
            let over = names(&density.over);
            if density.given.is_empty() {
                format!("{}({over})", of.name)
            } else {
                format!("{}({over} | {})", of.name, names(&density.given))
            }
        });
        list.collect::<Vec<_>>().join(", ")
    }

    /// A value bound to a variable must have its shape and lie in its support.
    fn check_binding(&mut self, var: VarId, value: ExprId, span: Span) -> Res<()> {
        let variable = self.m.vars[var.0 as usize].clone();
        let given = self.ty(value).clone();
        if given.shape != variable.ty.shape || given.dtype != variable.ty.dtype {
            let text = format!(
                "`{}` is `{}`, given `{}`",
                variable.name,
                show(&variable.ty),
                show(&given)
            );
            let diagnostic = self
                .error(codes::RL0103, text, span, &show(&given))
                .also(self.place(variable.span), "declared here")
                .help("declare both with the same dims");
            return self.stop(diagnostic);
        }
        let strict = matches!(
            variable.ty.support,
            Support::Bit | Support::Interval(..) | Support::Index(_) | Support::Positive
        );
        if strict && !super::types::fits(given.support, variable.ty.support) {
            let text = format!(
                "`{}` takes `{}`, given `{}`",
                variable.name,
                show(&variable.ty),
                show(&given)
            );
            let origin = self.m.expr(value).span;
            let diagnostic = self
                .error(codes::RL0116, text, span, &show(&given))
                .also(
                    self.place(variable.span),
                    format!("the density is over `{}`", show(&variable.ty)),
                )
                .also(self.place(origin), format!("holds `{}`", show(&given)))
                .help(format!(
                    "declare both as `{}`, or both as `{}`",
                    show(&given),
                    show(&variable.ty)
                ));
            return self.stop(diagnostic);
        }
        Ok(())
    }

    /// Binds every `over` variable to a fresh one (or to those of `same`, by name).
    fn sampled(
        &mut self,
        densities: Vec<DensityId>,
        mut bind: Vec<(VarId, ExprId)>,
        same: Option<&Sampled>,
    ) -> Res<Sampled> {
        let mut vars: Vec<(String, VarId, VarId)> = Vec::new();
        for id in &densities {
            for var in self.m.densities[id.0 as usize].over.clone() {
                let v = self.m.vars[var.0 as usize].clone();
                let old = same.and_then(|s| s.vars.iter().find(|(n, _, _)| *n == v.name));
                let fresh = match old {
                    Some((_, _, fresh)) => *fresh,
                    None => self.m.fresh_var(&v.name, v.ty.clone(), v.span).0,
                };
                vars.push((v.name, var, fresh));
            }
        }
        for id in &densities {
            let density = self.m.densities[id.0 as usize].clone();
            for var in density.over.iter().chain(&density.given) {
                let name = self.var_name(*var).to_string();
                if let Some((_, _, fresh)) = vars.iter().find(|(n, _, _)| *n == name)
                    && bind.iter().all(|(v, _)| v != var)
                {
                    let ty = self.m.vars[fresh.0 as usize].ty.clone();
                    let span = self.m.vars[fresh.0 as usize].span;
                    let e = self.m.push(ExprKind::Var(*fresh), ty, span);
                    bind.push((*var, e));
                }
            }
        }
        Ok(Sampled { applied: Applied { densities, bind }, vars })
    }

    /// A density of one draw, for a distribution that stands alone.
    fn anonymous(
        &mut self,
        call: &DistCall<'a>,
        ty: Option<Type>,
        var: &str,
        span: Span,
    ) -> Res<DensityId> {
        let site = format!("{}.{var}", self.site);
        let dist = self.shape_dist(call, ty, &site, span)?;
        let ty = self.m.dists[dist.0 as usize].ty.clone();
        let (v, _) = self.m.fresh_var(var, ty, span);
        let part = ir::PartId(self.m.parts.len() as u32);
        self.m.parts.push(ir::Part {
            name: site.clone(),
            role: ir::Role::None,
            densities: vec![],
            inputs: vec![],
            output: None,
            span,
        });
        let id = DensityId(self.m.densities.len() as u32);
        self.m.densities.push(ir::Density {
            name: site,
            part,
            over: vec![v],
            given: vec![],
            factors: vec![Factor::Draw { var: v, dist, span }],
            span,
        });
        Ok(id)
    }

    /// What stands right of `~`, or a side of `||`.
    fn side(
        &mut self,
        value: &Value<'a>,
        ty: Option<Type>,
        var: &str,
        same: Option<&Sampled>,
        span: Span,
    ) -> Res<Sampled> {
        match value {
            Value::Query(query) => {
                let (densities, bind) = self.resolve(query)?;
                self.sampled(densities, bind, same)
            }
            Value::Density(of) => {
                let query = Query { of: of.clone(), over: vec![], given: vec![], span };
                let (densities, bind) = self.resolve(&query)?;
                self.sampled(densities, bind, same)
            }
            Value::Dist(call) => {
                let id = self.anonymous(&call.clone(), ty, var, span)?;
                self.sampled(vec![id], vec![], same)
            }
            other => {
                let text = format!("a density is needed, this is {}", other.kind());
                self.fail(
                    codes::RL0105,
                    text,
                    span,
                    "write `q(z | x)`, a `model`, or a distribution such as `Normal(0, 1)`",
                )
            }
        }
    }

    /// `E[z ~ q(z | x), samples = k](body)`
    pub fn expect(
        &mut self,
        kind: &'a ast::ExprKind,
        file: FileId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let ast::ExprKind::Expect { var, ty, dist, options, body } = kind else {
            unreachable!("called for E")
        };
        let dist_span = self.files[&file].expr(*dist).span;
        let value = self.eval(*dist, file, env)?;
        let ty = match ty {
            Some(ty) => Some(self.closed_type(ty, file, env, true)?),
            None => None,
        };
        let sampled = self.side(&value, ty, &var.name, None, dist_span)?;
        let at = if sampled.vars.len() == 1 {
            Some(0)
        } else {
            sampled.vars.iter().position(|(n, _, _)| *n == var.name)
        };
        let Some(at) = at else {
            let names: Vec<&str> = sampled.vars.iter().map(|(n, _, _)| n.as_str()).collect();
            let text = format!("the density draws {}, not `{}`", names.join(", "), var.name);
            return self.fail(codes::RL0114, text, var.span, "name one of its variables");
        };
        let (mut samples, mut estimator) = (1, None);
        let mut options = self.args(options, file, env)?;
        if let Some((value, place)) = options.take("samples") {
            samples = self.size(&value, "`samples`", 1, place)?;
        }
        if let Some((value, place)) = options.take("estimator") {
            estimator = Some(self.text(&value, &["score", "pathwise", "enumerate"], place)?);
        }
        if let Some((name, _, place)) = options.named.first() {
            return self.fail(
                codes::RL0104,
                format!("`E` has no option `{name}`"),
                *place,
                "options are `samples = k` and `estimator = \"score\"`",
            );
        }
        let mut inner = env.clone();
        for (i, (name, _, fresh)) in sampled.vars.iter().enumerate() {
            let ty = self.m.vars[fresh.0 as usize].ty.clone();
            let id = self.m.push(ExprKind::Var(*fresh), ty, var.span);
            inner = bind(&inner, if i == at { &var.name } else { name }, Value::Tensor(id));
        }
        let body_span = self.files[&file].expr(*body).span;
        let value = self.eval(*body, file, &inner)?;
        let body = self.tensor(&value, body_span)?;
        let ty = Type { support: Support::Real, varies: true, ..self.ty(body).clone() };
        let vars = sampled.vars.iter().map(|(_, _, fresh)| *fresh).collect();
        self.push(
            ExprKind::Expect { density: sampled.applied, vars, samples, estimator, body },
            ty,
            span,
        )
        .map(Value::Tensor)
    }

    /// A text out of a list.
    pub fn text(&mut self, value: &Value<'a>, among: &[&str], span: Span) -> Res<String> {
        match value {
            Value::Static(ir::Static::Str(s)) if among.contains(&s.as_str()) => Ok(s.clone()),
            _ => {
                let list: Vec<String> = among.iter().map(|s| format!("\"{s}\"")).collect();
                self.fail(codes::RL0104, format!("one of {} is needed", list.join(", ")), span, "")
            }
        }
    }

    /// `KL(q(z | x) || p(z))`
    #[allow(clippy::too_many_arguments)]
    pub fn divergence(
        &mut self,
        args: &'a [ast::Arg],
        bar: Option<Bar>,
        rest: &'a [ast::Arg],
        file: FileId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let ([left], Some(Bar::Versus), [right]) = (args, bar, rest) else {
            return self.fail(
                codes::RL0104,
                "`KL` takes two densities with `||` between".into(),
                span,
                "write `KL(q(z | x) || p(z))`",
            );
        };
        let spans =
            (self.files[&file].expr(left.value).span, self.files[&file].expr(right.value).span);
        let (a, b) = (self.eval(left.value, file, env)?, self.eval(right.value, file, env)?);
        let q = self.side(&a, None, "value", None, spans.0)?;
        let p_type = q.vars.first().map(|(_, _, v)| self.m.vars[v.0 as usize].ty.clone());
        let name = q.vars.first().map_or("value".to_string(), |(n, _, _)| n.clone());
        let p_type = if matches!(b, Value::Dist(_)) { p_type } else { None };
        let p = self.side(&b, p_type, &name, Some(&q), spans.1)?;
        let names = |s: &Sampled| {
            let mut n: Vec<String> = s.vars.iter().map(|(n, _, _)| n.clone()).collect();
            n.sort();
            n
        };
        if names(&q) != names(&p) {
            let text = format!(
                "the sides of `||` are over {} and {}",
                names(&q).join(", "),
                names(&p).join(", ")
            );
            return self.fail(
                codes::RL0114,
                text,
                span,
                "both sides must be densities of the same variables",
            );
        }
        for id in q.applied.densities.iter().chain(&p.applied.densities) {
            let density = self.m.densities[id.0 as usize].clone();
            self.scorable(&density, span)?;
        }
        let closed = self.closed(&q, &p, span)?;
        let ty = scalar(true);
        self.push(ExprKind::Kl { q: q.applied, p: p.applied, closed }, ty, span).map(Value::Tensor)
    }

    /// Per variable of `q`: the closed form of the divergence from `p`'s draw of the same name.
    fn closed(
        &mut self,
        q: &Sampled,
        p: &Sampled,
        span: Span,
    ) -> Res<Vec<(VarId, Option<ExprId>)>> {
        let mut list = Vec::new();
        for (name, var, _) in &q.vars {
            let left = self.drawn(&q.applied.densities, *var);
            let right = p
                .vars
                .iter()
                .find(|(n, _, _)| n == name)
                .and_then(|(_, v, _)| self.drawn(&p.applied.densities, *v));
            let form = match (left, right) {
                (Some(a), Some(b)) => self.closed_form(a, b, span)?,
                _ => None,
            };
            list.push((*var, form));
        }
        Ok(list)
    }

    fn drawn(&self, densities: &[DensityId], wanted: VarId) -> Option<DistId> {
        densities.iter().flat_map(|d| &self.m.densities[d.0 as usize].factors).find_map(|f| match f
        {
            Factor::Draw { var, dist, .. } if *var == wanted => Some(*dist),
            _ => None,
        })
    }

    /// `log p(x | z)`
    pub fn log_density(
        &mut self,
        density: ast::ExprId,
        file: FileId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let value = self.eval(density, file, env)?;
        let Value::Query(query) = value else {
            return self.fail(
                codes::RL0105,
                format!("`log` of {}", value.kind()),
                span,
                "`log p(x)` takes a density; the logarithm of a number is `log(value)`",
            );
        };
        let (densities, mut bind) = self.resolve(&query)?;
        let mut values = Vec::new();
        for arg in &query.over {
            let name = arg.name.clone().unwrap_or_default();
            let Some(value) = &arg.value else {
                let text = format!("`{name}` has no value here");
                return self.fail(codes::RL0117, text, arg.span, &format!("`{name}` is neither a data field nor drawn: draw it with `E[{name} ~ ...](...)`"));
            };
            values.push((name, self.tensor(value, arg.span)?, arg.span));
        }
        for id in &densities {
            let density = self.m.densities[id.0 as usize].clone();
            for var in density.over.iter().chain(&density.given) {
                let name = self.var_name(*var).to_string();
                if let Some((_, value, place)) = values.iter().find(|(n, _, _)| *n == name)
                    && bind.iter().all(|(v, _)| v != var)
                {
                    let (value, place) = (*value, *place);
                    self.check_binding(*var, value, place)?;
                    bind.push((*var, value));
                }
            }
            self.scorable(&density, span)?;
        }
        let applied = Applied { densities, bind };
        self.push(ExprKind::LogProb(applied), scalar(true), span).map(Value::Tensor)
    }

    /// Every variable of a scored density must be drawn and stand in its head.
    fn scorable(&mut self, density: &ir::Density, span: Span) -> Res<()> {
        let computed = density.factors.iter().find_map(|f| match f {
            Factor::Define { var, .. } if density.over.contains(var) => Some(*var),
            _ => None,
        });
        if let Some(var) = computed {
            let v = self.m.vars[var.0 as usize].clone();
            let text = format!("`{}` has no density that can be evaluated", density.name);
            let diagnostic = self
                .error(codes::RL0118, text, span, "")
                .also(self.place(v.span), format!("`{}` is computed here, not drawn", v.name))
                .help("implicit models can be sampled, `E[x ~ g](...)`, but not scored");
            return self.stop(diagnostic);
        }
        let hidden = density.factors.iter().find_map(|f| match f {
            Factor::Draw { var, .. } if !density.over.contains(var) => Some(*var),
            _ => None,
        });
        match hidden {
            Some(var) => {
                let v = self.m.vars[var.0 as usize].clone();
                self.intractable(&density.name, &v.name, v.span, span)
            }
            None => Ok(()),
        }
    }

    fn intractable<T>(&mut self, density: &str, latent: &str, at: Span, span: Span) -> Res<T> {
        let text = format!("`{density}` would have to average over every `{latent}`");
        let diagnostic = self
            .error(codes::RL0115, text, span, "")
            .also(self.place(at), format!("`{latent}` is drawn here"))
            .help("a bound can be had: `elbo(p, q)` or `iwae(p, q, k = 64)` with a posterior `q`");
        self.stop(diagnostic)
    }

    /// `elbo(p, q)`, `iwae(p, q, k = 64)`
    pub fn bound(
        &mut self,
        p: &Value<'a>,
        q: &Value<'a>,
        importance: Option<usize>,
        span: Span,
    ) -> Res<Value<'a>> {
        let (Value::Density(p_all), Value::Density(_) | Value::Query(_)) = (p, q) else {
            let text =
                format!("a model and a posterior are needed, given {} and {}", p.kind(), q.kind());
            return self.fail(
                codes::RL0105,
                text,
                span,
                "write `elbo(p, q)` with `p` the joint and `q` the posterior",
            );
        };
        let q_query = match q {
            Value::Density(of) => {
                let mut given = Vec::new();
                for id in &of.ids {
                    for var in self.m.densities[id.0 as usize].given.clone() {
                        let name = self.var_name(var).to_string();
                        given.push(self.observed(&name, span)?);
                    }
                }
                Query { of: of.clone(), over: vec![], given, span }
            }
            Value::Query(query) => Query {
                of: query.of.clone(),
                over: query.over.clone(),
                given: query.given.clone(),
                span,
            },
            _ => unreachable!("matched above"),
        };
        let (q_ids, q_bind) = self.resolve(&q_query)?;
        let q = self.sampled(q_ids, q_bind, None)?;
        let latents: Vec<String> = q.vars.iter().map(|(n, _, _)| n.clone()).collect();
        let p = self.clamped(&p_all.clone(), &latents, &q, span)?;
        let closed = self.closed(&q, &p, span)?;
        self.push(
            ExprKind::Elbo { p: p.applied, q: q.applied, importance, closed },
            scalar(true),
            span,
        )
        .map(Value::Tensor)
    }

    pub fn observed(&mut self, name: &str, span: Span) -> Res<QueryArg<'a>> {
        if self.m.fields.iter().all(|f| f.name != name) {
            return Ok(QueryArg { name: Some(name.into()), value: None, span });
        }
        let visible = std::mem::replace(&mut self.fields_visible, true);
        let value = self.name(name, self.entry, &None, span);
        self.fields_visible = visible;
        let value = Some(value?);
        Ok(QueryArg { name: Some(name.into()), value, span })
    }

    /// All factors of a model: latents bound to the posterior's variables, the rest to data.
    fn clamped(
        &mut self,
        of: &Densities,
        latents: &[String],
        q: &Sampled,
        span: Span,
    ) -> Res<Sampled> {
        let mut bind = Vec::new();
        let mut missing = Vec::new();
        for id in &of.ids {
            let density = self.m.densities[id.0 as usize].clone();
            self.scorable(&density, span)?;
            for var in density.over.iter().chain(&density.given) {
                let name = self.var_name(*var).to_string();
                if latents.contains(&name) {
                    continue;
                }
                match self.observed(&name, span)?.value {
                    Some(Value::Tensor(value)) => {
                        self.check_binding(*var, value, span)?;
                        bind.push((*var, value));
                    }
                    _ if !missing.contains(&name) => missing.push(name),
                    _ => {}
                }
            }
        }
        if !missing.is_empty() {
            let list = missing.join("`, `");
            let text = format!("`{}` mentions `{list}`, which nothing supplies", of.name);
            return self.fail(
                codes::RL0117,
                text,
                span,
                "observed names are data fields; latent ones are drawn by the posterior",
            );
        }
        let p = self.sampled(of.ids.clone(), bind, Some(q))?;
        let vars = p.vars.into_iter().filter(|(n, _, _)| latents.contains(n)).collect();
        Ok(Sampled { applied: p.applied, vars })
    }

    /// `KL(q || prior)` for a posterior with values and one factor without givens.
    pub fn kl_between(&mut self, q: &Query<'a>, prior: DensityId, span: Span) -> Option<ExprId> {
        let (ids, bind) = self.resolve(q).ok()?;
        let q = self.sampled(ids, bind, None).ok()?;
        let p = self.sampled(vec![prior], vec![], Some(&q)).ok()?;
        let closed = self.closed(&q, &p, span).ok()?;
        self.push(ExprKind::Kl { q: q.applied, p: p.applied, closed }, scalar(true), span).ok()
    }

    /// What a sample phase draws: the density, with every factor that its givens need.
    pub fn ancestral(
        &mut self,
        value: &Value<'a>,
        ty: Option<Type>,
        var: &str,
        span: Span,
    ) -> Res<Sampled> {
        let of = match value {
            Value::Query(query) if query.given.is_empty() => query.of.clone(),
            Value::Density(of) => of.clone(),
            other => return self.side(other, ty, var, None, span),
        };
        let wanted: Vec<String> = match value {
            Value::Query(query) if !query.over.is_empty() => {
                query.over.iter().filter_map(|a| a.name.clone()).collect()
            }
            _ => of
                .ids
                .iter()
                .flat_map(|d| self.m.densities[d.0 as usize].over.clone())
                .map(|v| self.var_name(v).to_string())
                .collect(),
        };
        let mut needed = wanted.clone();
        let mut chosen: Vec<DensityId> = Vec::new();
        while let Some(name) = needed.pop() {
            let id = of.ids.iter().copied().find(|d| {
                self.m.densities[d.0 as usize].over.iter().any(|v| self.var_name(*v) == name)
            });
            let Some(id) = id else {
                let heads = self.heads(&of);
                return self.fail(
                    codes::RL0114,
                    format!("`{}` does not draw `{name}`", of.name),
                    span,
                    &format!("declared: {heads}"),
                );
            };
            if !chosen.contains(&id) {
                chosen.push(id);
                let given = self.m.densities[id.0 as usize].given.clone();
                needed.extend(given.into_iter().map(|v| self.var_name(v).to_string()));
            }
        }
        // Factors are drawn in the order of their dependence, which is the reverse of the search.
        chosen.reverse();
        chosen.sort_by_key(|d| self.m.densities[d.0 as usize].given.len());
        self.sampled(chosen, vec![], None)
    }

    /// `mean(q(z | x))`, `entropy(...)`, `variance(...)`: a formula of the density's only draw.
    pub fn density_formula(&mut self, value: &Value<'a>, what: &str, span: Span) -> Res<ExprId> {
        let (dist, bind) = match value {
            Value::Dist(call) => {
                let site = format!("{}.{what}", self.site);
                (self.shape_dist(&call.clone(), None, &site, span)?, vec![])
            }
            Value::Query(_) | Value::Density(_) => {
                let sampled = self.side(value, None, "value", None, span)?;
                let [(_, var, _)] = sampled.vars.as_slice() else {
                    return self.fail(
                        codes::RL0114,
                        format!("`{what}` takes a density of one variable"),
                        span,
                        "name it: `mean(p(x | z))`",
                    );
                };
                match self.drawn(&sampled.applied.densities, *var) {
                    Some(dist) => (dist, sampled.applied.bind),
                    None => {
                        return self.fail(
                            codes::RL0118,
                            format!("the {what} of a computed value is not known"),
                            span,
                            "average draws: `E[x ~ g](x)`",
                        );
                    }
                }
            }
            other => {
                return self.fail(codes::RL0105, format!("`{what}` of {}", other.kind()), span, "");
            }
        };
        let d = &self.m.dists[dist.0 as usize];
        let formula = match what {
            "mean" => d.mean,
            "variance" => d.variance,
            _ => d.entropy,
        };
        match formula {
            Some(id) => Ok(self.m.substitute(id, &bind)),
            None => {
                let text = format!(
                    "`{}` has no {what} in closed form",
                    self.m.dists[dist.0 as usize].family
                );
                self.fail(codes::RL0118, text, span, "")
            }
        }
    }
}
