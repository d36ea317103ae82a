//! Expressions of a file to values. One function per form of the syntax tree.

mod arith;
mod body;
pub mod call;
mod fold;
mod formals;
mod index;
mod scan;
mod support;
pub mod types;

use crate::base::{FileId, Span, budget, codes};
use crate::graph::op::map;
use crate::model::elaborate::scope::Scope;
use crate::model::elaborate::value::{Args, Chain, Env, Func, FuncBody, Value, bind, find};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{self, Static};
use crate::syntax::ast::{self, BinOp, ExprKind, UnOp};
use std::rc::Rc;

/// The static behind a value, dims included.
pub fn as_static(value: &Value<'_>) -> Option<Static> {
    match value {
        Value::Static(s) => Some(s.clone()),
        Value::Dim(_, n) => Some(Static::Int(*n)),
        _ => None,
    }
}

impl<'a> Elab<'a> {
    /// The value of an expression, within the budget.
    pub fn eval(&mut self, id: ast::ExprId, file: FileId, env: &Env<'a>) -> Res<Value<'a>> {
        let span = self.names.files[&file].expr(id).span;
        let deeper = |here: &mut Scope<'a>| here.depth += 1;
        self.at(deeper, |e| {
            e.allow(budget::NESTED, e.here.depth, span)?;
            e.spend(budget::STEPS, 1, span)?;
            let value = e.value(id, file, env)?;
            e.value_at(span, &value);
            Ok(value)
        })
    }

    fn value(&mut self, id: ast::ExprId, file: FileId, env: &Env<'a>) -> Res<Value<'a>> {
        let expr = self.names.files[&file].expr(id);
        let span = expr.span;
        match &expr.kind {
            ExprKind::Number { .. } | ExprKind::Str(_) | ExprKind::Bool(_) => {
                Ok(Value::Static(literal(&expr.kind)))
            }
            ExprKind::Name(name) => self.name(name, file, env, span),
            ExprKind::Paren(inner) => self.eval(*inner, file, env),
            ExprKind::Unary { op, arg } => self.unary(*op, *arg, (file, env), span),
            ExprKind::Binary { op: BinOp::Pipe, lhs, rhs, .. } => self.pipe(*lhs, *rhs, file, env),
            ExprKind::Binary { op, op_span, lhs, rhs } => {
                self.operation((*op, *op_span), (*lhs, *rhs), (file, env), span)
            }
            ExprKind::If { cond, then, other } => {
                self.conditional(*cond, (*then, *other), file, env, span)
            }
            ExprKind::Call { callee, args, bar, rest } => {
                self.call_expr(*callee, args, *bar, rest, file, env, span)
            }
            ExprKind::Index { base, slices } => self.index(*base, slices, file, env, span),
            ExprKind::Member { base, name } => self.member(*base, name, file, env, span),
            ExprKind::Expect { .. } => self.expect(&expr.kind, file, env, span),
            ExprKind::LogDensity { density } => self.log_density(*density, file, env, span),
            ExprKind::Chain { var, range, body } => self.chain(var, *range, *body, file, env, span),
            ExprKind::Scan { .. } => self.scan(&expr.kind, file, env, span),
            ExprKind::Lambda { params, body } => Ok(self.lambda(params, *body, file, env)),
            ExprKind::Tuple(parts) => self.tuple(parts, file, env),
        }
    }

    /// `-x`, `not x`
    fn unary(
        &mut self,
        op: UnOp,
        arg: ast::ExprId,
        (file, env): (FileId, &Env<'a>),
        span: Span,
    ) -> Res<Value<'a>> {
        let value = self.eval(arg, file, env)?;
        match (op, as_static(&value)) {
            (UnOp::Neg, Some(Static::Int(n))) => {
                let zero = Static::Int(0);
                self.static_binary(BinOp::Sub, &zero, &Static::Int(n), span).map(Value::Static)
            }
            (UnOp::Neg, Some(Static::Float(x))) => Ok(Value::Static(Static::Float(-x))),
            (UnOp::Not, Some(Static::Bool(b))) => Ok(Value::Static(Static::Bool(!b))),
            (UnOp::Neg, _) => self.map1(&map::NEG, value, span),
            (UnOp::Not, _) => self.map1(&map::NOT, value, span),
        }
    }

    /// `a op b`. Both sides are read before a mistake in the first ends it.
    fn operation(
        &mut self,
        (op, op_span): (BinOp, Span),
        (lhs, rhs): (ast::ExprId, ast::ExprId),
        (file, env): (FileId, &Env<'a>),
        span: Span,
    ) -> Res<Value<'a>> {
        let (left, right) = (self.eval(lhs, file, env), self.eval(rhs, file, env));
        let (left, right) = (left?, right?);
        let place = |id: ast::ExprId| self.names.files[&file].expr(id).span;
        let places = (place(lhs), place(rhs), op_span);
        self.binary(op, left, right, span, places)
    }

    /// `(a, b) => e`: what it sees where it is written.
    fn lambda(
        &self,
        params: &'a [ast::Ident],
        body: ast::ExprId,
        file: FileId,
        env: &Env<'a>,
    ) -> Value<'a> {
        Value::Func(Rc::new(Func {
            file,
            body: FuncBody::Lambda(params, body),
            env: env.clone(),
            instance: None,
            owner: Some(self.here.owner.clone()),
            fields: self.here.fields_visible,
            writes: vec![],
        }))
    }

    fn tuple(&mut self, parts: &'a [ast::Arg], file: FileId, env: &Env<'a>) -> Res<Value<'a>> {
        let mut named = Vec::new();
        let mut plain = Vec::new();
        let mut weight = 0;
        for part in parts {
            let value = self.eval(part.value, file, env)?;
            weight += value.weight();
            self.allow(budget::TUPLE, weight, self.names.files[&file].expr(part.value).span)?;
            match &part.name {
                Some(name) => named.push((name.name.clone(), value)),
                None => plain.push(value),
            }
        }
        match (named.is_empty(), plain.is_empty()) {
            (true, _) => Ok(Value::Tuple(plain)),
            (_, true) => Ok(Value::Record(named)),
            _ => {
                let span = parts[0]
                    .name
                    .as_ref()
                    .map_or(self.names.files[&file].expr(parts[0].value).span, |n| n.span);
                let text = "a tuple has names for all of its parts or for none";
                self.fail(codes::RL0104, text.into(), span, "write `(mu = a, s = b)` or `(a, b)`")
            }
        }
    }

    /// `x |> f`: `f(x, ...)` for functions, the instance applied for everything that owns weights.
    fn pipe(
        &mut self,
        lhs: ast::ExprId,
        rhs: ast::ExprId,
        file: FileId,
        env: &Env<'a>,
    ) -> Res<Value<'a>> {
        let files = self.names.files;
        let value = self.eval(lhs, file, env)?;
        let value_span = files[&file].expr(lhs).span;
        let right = files[&file].expr(rhs);
        let ExprKind::Call { callee, args, bar: None, .. } = &right.kind else {
            let callee = self.eval(rhs, file, env)?;
            return self.apply(&callee, Args::one(value, value_span), right.span);
        };
        if let Some(instance) = self.instance_of(*callee, args, file, env)? {
            return self.apply(&instance, Args::one(value, value_span), right.span);
        }
        let callee = self.eval(*callee, file, env)?;
        let mut list = self.args(args, file, env)?;
        if takes_piped(&callee, args) {
            list.positional.insert(0, (value, value_span));
            return self.apply(&callee, list, right.span);
        }
        let callee = self.apply(&callee, list, right.span)?;
        self.apply(&callee, Args::one(value, value_span), right.span)
    }

    fn chain(
        &mut self,
        var: &'a ast::Ident,
        range: ast::ExprId,
        body: ast::ExprId,
        file: FileId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let value = self.eval(range, file, env)?;
        let place = self.names.files[&file].expr(range).span;
        Ok(Value::Chain(Rc::new(Chain {
            file,
            var: var.clone(),
            range: self.layers_counted(&value, place, span)?,
            body,
            env: env.clone(),
            owner: self.here.owner.clone(),
            fields: self.here.fields_visible,
            writes: vec![],
        })))
    }

    /// The range that a chain counts its layers over.
    fn layers_counted(&mut self, range: &Value<'a>, place: Span, span: Span) -> Res<(i64, i64)> {
        let Value::Static(Static::Tuple(ends)) = range else {
            let text = format!("`chain` counts over a range, not {}", range.kind());
            return self.fail(codes::RL0105, text, place, "write `chain(i in 0..n) { ... }`");
        };
        let (Static::Int(low), Static::Int(high)) = (&ends[0], &ends[1]) else {
            unreachable!("ranges hold integers")
        };
        let (length, most) = (high.saturating_sub(*low), budget::LAYERS.most);
        if length > most as i64 {
            let text = format!("a chain of {length} layers, the limit is {most}");
            return self.fail(codes::RL0110, text, span, budget::LAYERS.help);
        }
        Ok((*low, *high))
    }

    fn member(
        &mut self,
        base: ast::ExprId,
        name: &'a ast::Ident,
        file: FileId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        if let Some(value) = self.member_bound(base, name, file, env) {
            return Ok(value);
        }
        let value = self.eval(base, file, env)?;
        match &value {
            Value::Record(parts) => self.record_member(parts, name),
            Value::Tensor(id) if name.name == "T" => self.transpose(*id, span).map(Value::Tensor),
            Value::Data(data, split) => self.data_member(data, split.as_deref(), name),
            Value::Namespace(other) => self.name(&name.name, *other, &None, name.span),
            other => {
                let text = format!("{} has no member `{}`", other.kind(), name.name);
                let help = "members belong to records, data sets and imported files";
                self.fail(codes::RL0127, text, name.span, help)
            }
        }
    }

    /// A member that is bound by its written path: a whole-net update does so for members of files.
    fn member_bound(
        &self,
        base: ast::ExprId,
        name: &ast::Ident,
        file: FileId,
        env: &Env<'a>,
    ) -> Option<Value<'a>> {
        match self.names.files[&file].expr(base).kind {
            ExprKind::Name(_) | ExprKind::Member { .. } if file == self.names.entry => {
                let path = self.path_written(base)?;
                find(env, &format!("{path}.{}", name.name)).cloned()
            }
            _ => None,
        }
    }

    fn record_member(
        &mut self,
        parts: &[(String, Value<'a>)],
        name: &ast::Ident,
    ) -> Res<Value<'a>> {
        if let Some((_, part)) = parts.iter().find(|(n, _)| *n == name.name) {
            return Ok(part.clone());
        }
        let known: Vec<&str> = parts.iter().map(|(n, _)| n.as_str()).collect();
        let help = format!("it has {}", known.join(", "));
        self.fail(codes::RL0127, format!("no member `{}`", name.name), name.span, &help)
    }

    /// A field of a data set, or in a constant one of its splits.
    fn data_member(
        &mut self,
        data: &str,
        split: Option<&str>,
        name: &ast::Ident,
    ) -> Res<Value<'a>> {
        let at = self.m.fields.iter().position(|f| f.data == *data && f.name == name.name);
        if let Some(at) = at {
            self.field_at(name.span, at);
            return self.field_here(at, split, name.span).map(Value::Tensor);
        }
        let is_split = split.is_none() && ir::SPLITS.contains(&name.name.as_str());
        if self.here.whole && is_split {
            return Ok(Value::Data(data.into(), Some(name.name.clone())));
        }
        let fields = self.m.fields.iter().filter(|f| f.data == *data);
        let known: Vec<&str> = fields.map(|f| f.name.as_str()).collect();
        let fields = format!("its fields are {}", known.join(", "));
        let help = match is_split {
            true => format!(
                "a split is said at the head of a phase, `on {data}.{0}`; `const rows = {data}.{0}.{1}` is all of it",
                name.name,
                known.first().unwrap_or(&"x")
            ),
            false if self.here.whole && split.is_none() => {
                format!("{fields}, its splits {}", ir::SPLITS.join(", "))
            }
            false => fields,
        };
        let text = format!("`{data}` has no field `{}`", name.name);
        self.fail(codes::RL0127, text, name.span, &help)
    }

    /// Data sets, densities and nets keep their meaning in a whole file.
    fn not_shadowed(&mut self, name: &ast::Ident) -> Res<()> {
        let global =
            self.names.globals.get(&name.span.file).and_then(|g| g.get(&name.name)).copied();
        let fixed = |g: &crate::model::elaborate::names::Global| {
            matches!(
                g.item.kind,
                ast::ItemKind::Data { .. } | ast::ItemKind::Density(_) | ast::ItemKind::Callable(_)
            )
        };
        match global.filter(fixed) {
            None => Ok(()),
            Some(global) => {
                let text = format!("`{}` already stands for something in this file", name.name);
                let diagnostic = self
                    .error(codes::RL0102, text, name.span, "again here")
                    .also(global.span, "declared here")
                    .help("choose another name for the value");
                self.stop(diagnostic)
            }
        }
    }

    /// Binds a pattern of names.
    pub fn bind_names(
        &mut self,
        names: &'a [ast::Ident],
        tuple: bool,
        value: Value<'a>,
        env: Env<'a>,
        span: Span,
    ) -> Res<Env<'a>> {
        for name in names {
            self.not_shadowed(name)?;
        }
        if !tuple {
            return Ok(bind(&env, &names[0], value));
        }
        let parts = match value {
            Value::Tuple(parts) => parts,
            Value::Record(parts) => parts.into_iter().map(|(_, v)| v).collect(),
            other => {
                let text = format!("{} cannot be taken apart", other.kind());
                return self.fail(codes::RL0105, text, span, "only tuples and records have parts");
            }
        };
        if parts.len() != names.len() {
            let text = format!("{} names for {} parts", names.len(), parts.len());
            return self.fail(codes::RL0104, text, span, "give every part a name");
        }
        Ok(names.iter().zip(parts).fold(env, |env, (name, part)| bind(&env, name, part)))
    }
}

/// The value of a literal.
fn literal(kind: &ExprKind) -> Static {
    match kind {
        ExprKind::Number { int: Some(n), .. } => Static::Int(*n),
        ExprKind::Number { value, .. } => Static::Float(*value),
        ExprKind::Str(text) => Static::Str(text.clone()),
        ExprKind::Bool(b) => Static::Bool(*b),
        _ => unreachable!("called for literals"),
    }
}

/// Whether `x |> f(args)` is `f(x, args)`, and not what `f(args)` gives applied to `x`.
fn takes_piped(callee: &Value<'_>, args: &[ast::Arg]) -> bool {
    match callee {
        Value::Prim(_) | Value::Metric(_) => true,
        Value::Func(f) => match &f.body {
            FuncBody::Item(item) => item.kind == ast::CallableKind::Fn || !args.is_empty(),
            FuncBody::Lambda(..) | FuncBody::Formula(..) => true,
        },
        _ => false,
    }
}
