//! Expressions of a file to values. One function per form of the syntax tree.

mod arith;
mod branch;
pub mod call;
mod fold;
mod range;
mod scan;
mod support;
pub mod types;

use crate::base::{FileId, Span, budget, codes};
use crate::graph::op::{index, map, view};
use crate::graph::{Attrs, DType};
use crate::model::elaborate::scope::Scope;
use crate::model::elaborate::value::{Args, Chain, Env, Func, FuncBody, Value, bind};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{ExprId, Static};
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
            e.value(id, file, env)
        })
    }

    fn value(&mut self, id: ast::ExprId, file: FileId, env: &Env<'a>) -> Res<Value<'a>> {
        let files = self.names.files;
        let expr = files[&file].expr(id);
        let span = expr.span;
        match &expr.kind {
            ExprKind::Number { int: Some(n), .. } => Ok(Value::Static(Static::Int(*n))),
            ExprKind::Number { value, .. } => Ok(Value::Static(Static::Float(*value))),
            ExprKind::Str(text) => Ok(Value::Static(Static::Str(text.clone()))),
            ExprKind::Bool(b) => Ok(Value::Static(Static::Bool(*b))),
            ExprKind::Name(name) => self.name(name, file, env, span),
            ExprKind::Paren(inner) => self.eval(*inner, file, env),
            ExprKind::Unary { op, arg } => {
                let value = self.eval(*arg, file, env)?;
                self.unary(*op, value, span)
            }
            ExprKind::Binary { op: BinOp::Pipe, lhs, rhs, .. } => {
                self.pipe(*lhs, *rhs, file, env, span)
            }
            ExprKind::Binary { op, op_span, lhs, rhs } => {
                let (left, right) = (self.eval(*lhs, file, env), self.eval(*rhs, file, env));
                let (left, right) = (left?, right?);
                let places = (files[&file].expr(*lhs).span, files[&file].expr(*rhs).span, *op_span);
                self.binary(*op, left, right, span, places)
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
            ExprKind::Lambda { params, body } => Ok(Value::Func(Rc::new(Func {
                file,
                body: FuncBody::Lambda(params, *body),
                env: env.clone(),
                instance: None,
                owner: Some(self.here.owner.clone()),
                fields: self.here.fields_visible,
                writes: vec![],
            }))),
            ExprKind::Tuple(parts) => self.tuple(parts, file, env),
        }
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
        span: Span,
    ) -> Res<Value<'a>> {
        let files = self.names.files;
        let value = self.eval(lhs, file, env)?;
        let value_span = files[&file].expr(lhs).span;
        let right = files[&file].expr(rhs);
        if let ExprKind::Call { callee, args, bar: None, .. } = &right.kind {
            if let Some(instance) = self.instance_of(*callee, args, file, env)? {
                return self.apply(&instance, Args::one(value, value_span), right.span);
            }
            let callee_value = self.eval(*callee, file, env)?;
            let is_fn = match &callee_value {
                Value::Prim(_) | Value::Metric(_) => true,
                Value::Func(f) => match &f.body {
                    FuncBody::Item(item) => item.kind == ast::CallableKind::Fn || !args.is_empty(),
                    FuncBody::Lambda(..) => true,
                },
                _ => false,
            };
            let mut list = self.args(args, file, env)?;
            if is_fn {
                list.positional.insert(0, (value, value_span));
                return self.apply(&callee_value, list, right.span);
            }
            let callee = self.apply(&callee_value, list, right.span)?;
            return self.apply(&callee, Args::one(value, value_span), right.span);
        }
        let callee = self.eval(rhs, file, env)?;
        let _ = span;
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
        let Value::Static(Static::Tuple(ends)) = &value else {
            let at = self.names.files[&file].expr(range).span;
            return self.fail(
                codes::RL0105,
                format!("`chain` counts over a range, not {}", value.kind()),
                at,
                "write `chain(i in 0..n) { ... }`",
            );
        };
        let (Static::Int(low), Static::Int(high)) = (&ends[0], &ends[1]) else {
            unreachable!("ranges hold integers")
        };
        let (length, most) = (high.saturating_sub(*low), budget::LAYERS.most);
        if length > most as i64 {
            let text = format!("a chain of {length} layers, the limit is {most}");
            return self.fail(codes::RL0110, text, span, budget::LAYERS.help);
        }
        Ok(Value::Chain(Rc::new(Chain {
            file,
            var: var.name.clone(),
            range: (*low, *high),
            body,
            env: env.clone(),
            owner: self.here.owner.clone(),
            fields: self.here.fields_visible,
            writes: vec![],
        })))
    }

    fn member(
        &mut self,
        base: ast::ExprId,
        name: &'a ast::Ident,
        file: FileId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        // A whole-net update binds members of files by their written path.
        let held = match self.names.files[&file].expr(base).kind {
            ExprKind::Name(_) | ExprKind::Member { .. } if file == self.names.entry => {
                let path = self.path_written(base).map(|path| format!("{path}.{}", name.name));
                path.and_then(|path| crate::model::elaborate::value::find(env, &path).cloned())
            }
            _ => None,
        };
        if let Some(value) = held {
            return Ok(value);
        }
        let value = self.eval(base, file, env)?;
        match &value {
            Value::Record(parts) => {
                if let Some((_, part)) = parts.iter().find(|(n, _)| *n == name.name) {
                    return Ok(part.clone());
                }
                let known: Vec<&str> = parts.iter().map(|(n, _)| n.as_str()).collect();
                let help = format!("it has {}", known.join(", "));
                self.fail(codes::RL0127, format!("no member `{}`", name.name), name.span, &help)
            }
            Value::Tensor(id) if name.name == "T" => self.transpose(*id, span).map(Value::Tensor),
            Value::Data(data) => {
                let at = self.m.fields.iter().position(|f| f.data == *data && f.name == name.name);
                match at {
                    Some(at) => Ok(Value::Tensor(self.field_here(at))),
                    None => {
                        let fields = self.m.fields.iter().filter(|f| f.data == *data);
                        let known: Vec<&str> = fields.map(|f| f.name.as_str()).collect();
                        let help = format!("its fields are {}", known.join(", "));
                        self.fail(
                            codes::RL0127,
                            format!("`{data}` has no field `{}`", name.name),
                            name.span,
                            &help,
                        )
                    }
                }
            }
            Value::Namespace(other) => self.name(&name.name, *other, &None, name.span),
            other => {
                let text = format!("{} has no member `{}`", other.kind(), name.name);
                self.fail(
                    codes::RL0127,
                    text,
                    name.span,
                    "members belong to records, data sets and imported files",
                )
            }
        }
    }

    pub fn transpose(&mut self, id: ExprId, span: Span) -> Res<ExprId> {
        let rank = self.ty(id).shape.len();
        if rank < 2 {
            let text = format!(
                "`.T` needs at least two dims, this is `{}`",
                crate::model::elaborate::expr::types::show(self.ty(id))
            );
            return self.fail(codes::RL0103, text, span, "a vector needs no `.T`: delete it");
        }
        let mut perm: Vec<usize> = (0..rank).collect();
        perm.swap(rank - 1, rank - 2);
        let support = self.ty(id).support;
        self.op(&view::PERMUTE, vec![id], Attrs::Perm(perm), support, span)
    }

    /// `x[i, :, 1:3]`
    fn index(
        &mut self,
        base: ast::ExprId,
        slices: &'a [ast::Slice],
        file: FileId,
        env: &Env<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let value = self.eval(base, file, env)?;
        if let (Value::Tuple(parts), [ast::Slice::At(e)]) = (&value, slices) {
            let at = self.eval(*e, file, env)?;
            let at = self.int(&at, "the place in a tuple", span)?;
            return match parts.get(at as usize) {
                Some(part) => Ok(part.clone()),
                None => self.fail(
                    codes::RL0103,
                    format!("a tuple of {} has no part {at}", parts.len()),
                    span,
                    "parts count from 0",
                ),
            };
        }
        let mut id = self.tensor(&value, self.names.files[&file].expr(base).span)?;
        if slices.len() > self.ty(id).shape.len() {
            let text = format!(
                "{} indices into `{}`",
                slices.len(),
                crate::model::elaborate::expr::types::show(self.ty(id))
            );
            return self.fail(codes::RL0103, text, span, "give at most one index for each dim");
        }
        let mut dim = 0;
        for slice in slices {
            id = match slice {
                ast::Slice::All => {
                    dim += 1;
                    id
                }
                ast::Slice::At(e) => {
                    let at = self.eval(*e, file, env)?;
                    let at_span = self.names.files[&file].expr(*e).span;
                    match at {
                        Value::Tensor(rows) if self.known_int(rows).is_none() => {
                            let (next, added) = self.gather(id, rows, dim, at_span)?;
                            dim += added;
                            next
                        }
                        other => {
                            let n = self.int(&other, "an index", at_span)?;
                            let at = self.position(n, self.ty(id).shape[dim], false, at_span)?;
                            let cut = self.cut(id, dim, at, at + 1, span)?;
                            self.drop_dim(cut, dim, span)?
                        }
                    }
                }
                ast::Slice::Range(low, high) => {
                    let extent = self.ty(id).shape[dim];
                    let place = self.names.files[&file].expr(*low).span;
                    let a = self.eval(*low, file, env)?;
                    let a = self.int(&a, "the start of a range", place)?;
                    let a = self.position(a, extent, true, place)?;
                    let b = match high {
                        None => extent,
                        Some(high) => {
                            let b = self.eval(*high, file, env)?;
                            let b = self.int(&b, "the end of a range", place)?;
                            self.position(b, extent, true, place)?
                        }
                    };
                    if a >= b {
                        return self.fail(
                            codes::RL0103,
                            format!("the range {a}:{b} is empty"),
                            place,
                            "the first place comes before the end: `x[0:3]`",
                        );
                    }
                    let cut = self.cut(id, dim, a, b, span)?;
                    dim += 1;
                    cut
                }
            };
        }
        Ok(Value::Tensor(id))
    }

    fn position(&mut self, n: i64, extent: usize, end: bool, span: Span) -> Res<usize> {
        let at = if n < 0 { n + extent as i64 } else { n };
        let limit = extent as i64 + end as i64;
        if at < 0 || at >= limit {
            let text = format!("index {n} into a dim of {extent}");
            return self.fail(
                codes::RL0103,
                text,
                span,
                "indices count from 0; negative ones from the end",
            );
        }
        Ok(at as usize)
    }

    /// Elements `low..high` along a dim.
    pub fn cut(
        &mut self,
        id: ExprId,
        dim: usize,
        low: usize,
        high: usize,
        span: Span,
    ) -> Res<ExprId> {
        let ty = self.ty(id).clone();
        if low == 0 && high == ty.shape[dim] {
            return Ok(id);
        }
        let mut cuts: Vec<(usize, usize, usize)> = ty.shape.iter().map(|n| (0, *n, 1)).collect();
        cuts[dim] = (low, high, 1);
        self.op(&view::SLICE, vec![id], Attrs::Slice(cuts), ty.support, span)
    }

    fn drop_dim(&mut self, id: ExprId, dim: usize, span: Span) -> Res<ExprId> {
        let mut shape = self.ty(id).shape.clone();
        shape.remove(dim);
        self.reshape(id, shape, span)
    }

    pub fn reshape(&mut self, id: ExprId, shape: Vec<usize>, span: Span) -> Res<ExprId> {
        if self.ty(id).shape == shape {
            return Ok(id);
        }
        let support = self.ty(id).support;
        self.op(&view::RESHAPE, vec![id], Attrs::Shape(shape), support, span)
    }

    /// Rows of a table by computed indices; returns how many dims the index has.
    fn gather(
        &mut self,
        table: ExprId,
        rows: ExprId,
        dim: usize,
        span: Span,
    ) -> Res<(ExprId, usize)> {
        let (size, ty) = (self.ty(table).shape[dim], self.ty(rows).clone());
        if ty.dtype != DType::I32 {
            let text = format!(
                "an index must be whole numbers, this is `{}`",
                crate::model::elaborate::expr::types::show(&ty)
            );
            return self.fail(codes::RL0103, text, span, "declare it `idx(n)`");
        }
        self.proven(rows, size, span)?;
        // The indexed dim to the front, and the index's dims to where it was.
        let (rank, added) = (self.ty(table).shape.len(), ty.shape.len());
        let first: Vec<usize> =
            std::iter::once(dim).chain((0..rank).filter(|d| *d != dim)).collect();
        let back = (added..added + dim).chain(0..added).chain(added + dim..added + rank - 1);
        let back: Vec<usize> = back.collect();
        let support = self.ty(table).support;
        let permuted = |e: &mut Self, id, perm: Vec<usize>| {
            e.op(&view::PERMUTE, vec![id], Attrs::Perm(perm), support, span)
        };
        let table = if dim == 0 { table } else { permuted(self, table, first)? };
        let out = self.op(&index::GATHER, vec![table, rows], Attrs::None, support, span)?;
        let out = if dim == 0 { out } else { permuted(self, out, back)? };
        Ok((out, added))
    }

    fn unary(&mut self, op: UnOp, value: Value<'a>, span: Span) -> Res<Value<'a>> {
        match (op, as_static(&value)) {
            (UnOp::Neg, Some(Static::Int(n))) => Ok(Value::Static(Static::Int(n.saturating_neg()))),
            (UnOp::Neg, Some(Static::Float(x))) => Ok(Value::Static(Static::Float(-x))),
            (UnOp::Not, Some(Static::Bool(b))) => Ok(Value::Static(Static::Bool(!b))),
            (UnOp::Neg, _) => self.map1(&map::NEG, value, span),
            (UnOp::Not, _) => self.map1(&map::NOT, value, span),
        }
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
            return Ok(bind(&env, &names[0].name, value));
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
        Ok(names.iter().zip(parts).fold(env, |env, (name, part)| bind(&env, &name.name, part)))
    }
}
