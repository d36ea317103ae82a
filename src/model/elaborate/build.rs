//! Expressions of the model. In: kinds, ops, values. Out: expressions with their types, no larger than a
//! tensor may be.

use super::value::Value;
use super::{Elab, Res};
use crate::base::{Span, budget, codes};
use crate::graph::op::{Op, control, index, map, view};
use crate::graph::{Attrs, DType, Ty};
use crate::model::ir::{ExprId, ExprKind, Static, Support, Symbolic, Type, VarId};

impl<'a> Elab<'a> {
    pub fn ty(&self, id: ExprId) -> &Type {
        self.m.ty(id)
    }

    /// Refuses shapes of more dims or elements than a tensor may have.
    pub fn sized(&mut self, shape: &[usize], span: Span) -> Res<()> {
        let (most, ranks) = (budget::ELEMENTS.most, budget::DIMS.most);
        let elements = shape.iter().try_fold(1usize, |n, d| n.checked_mul(*d));
        if elements.is_none_or(|n| n > most) {
            let text = crate::model::elaborate::expr::types::dims(shape);
            return self.fail(
                codes::RL0110,
                format!("a tensor of shape [{text}] needs {}", bytes(shape)),
                span,
                &format!("reduce a dim: the limit is {most} elements, 8 GiB"),
            );
        }
        if shape.len() > ranks {
            return self.fail(
                codes::RL0110,
                format!("a tensor of {} dims, the limit is {ranks}", shape.len()),
                span,
                budget::DIMS.help,
            );
        }
        Ok(())
    }

    /// A figure of a whole split is no part of a formula, and of nothing that is computed per batch.
    pub fn no_metric(&mut self, id: ExprId, span: Span) -> Res<()> {
        let ExprKind::Symbolic(Symbolic::Metric { name, .. }) = &self.m.expr(id).kind else {
            return Ok(());
        };
        let text = format!("`{name}` is computed from a whole split, and stands alone");
        let help = format!("report it by itself, in an `eval` phase: `report {name}(...) as a`");
        self.fail(codes::RL0120, text, span, &help)
    }

    pub fn push(&mut self, kind: ExprKind, ty: Type, span: Span) -> Res<ExprId> {
        self.sized(&ty.shape, span)?;
        self.no_loose_ends(&kind, span)?;
        match &kind {
            ExprKind::Op { args, .. } => {
                args.iter().try_for_each(|arg| self.no_metric(*arg, span))?;
            }
            kind => {
                kind.children().into_iter().try_for_each(|child| self.no_metric(child, span))?;
            }
        }
        self.m.spender = Some(self.spender(span));
        let id = self.m.push(kind, ty, span);
        self.checked(span).map(|()| id)
    }

    /// An op of the graph's table on per-example values; its type follows from the row.
    pub fn op(
        &mut self,
        op: Op,
        args: Vec<ExprId>,
        attrs: Attrs,
        support: Support,
        span: Span,
    ) -> Res<ExprId> {
        let args = match self.m.ends && !self.here.plain {
            true => self.only_what_counts(op, args, &attrs, span)?,
            false => args,
        };
        let types: Vec<Ty> = args.iter().map(|a| graph_ty(self.ty(*a))).collect();
        let types: Vec<&Ty> = types.iter().collect();
        let ty = match op.infer_type(&types, &attrs) {
            Ok(ty) => ty,
            Err(why) => {
                let whole = args.iter().any(|a| self.ty(*a).dtype != DType::F32);
                let help = if whole && why.contains("takes F32") {
                    "make reals of it: `float(x)`"
                } else {
                    "make the dims agree: change a `dim`, the width of a layer, or `reshape`"
                };
                let text = format!("`{}` does not fit its arguments: {why}", op.name);
                return self.fail(codes::RL0103, text, span, help);
            }
        };
        let varies = args.iter().any(|a| self.ty(*a).varies);
        let ty = Type { dtype: ty.dtype, shape: ty.shape, support, varies, ends: false };
        self.push(ExprKind::Op { op, attrs, args }, ty, span)
    }

    /// A scalar literal.
    pub fn literal(&mut self, value: f64, dtype: DType, span: Span) -> ExprId {
        let support = match dtype {
            DType::Bool => Support::Bool,
            DType::I32 => Support::Integer,
            DType::F32 if value == 0.0 || value == 1.0 => Support::Bit,
            DType::F32 if (0.0..=1.0).contains(&value) => Support::Interval(0.0, 1.0),
            DType::F32 if value > 0.0 => Support::Positive,
            DType::F32 => Support::Real,
        };
        let ty = Type { dtype, shape: vec![], support, varies: false, ends: false };
        let attrs = Attrs::Const(crate::graph::attrs::Real(value), dtype);
        self.m.push(ExprKind::Op { op: &control::CONST, attrs, args: vec![] }, ty, span)
    }

    /// Repeats a scalar over a shape; leaves a value of that shape as it is.
    pub fn fill(&mut self, id: ExprId, shape: &[usize], span: Span) -> Res<ExprId> {
        if self.ty(id).shape == shape {
            return Ok(id);
        }
        if !self.ty(id).shape.is_empty() {
            let (given, wanted) = (
                crate::model::elaborate::expr::types::show(self.ty(id)),
                crate::model::elaborate::expr::types::dims(shape),
            );
            return self.fail(
                codes::RL0103,
                format!("`{given}` where the shape [{wanted}] is needed"),
                span,
                "make the dims agree; only scalars are repeated by themselves",
            );
        }
        let support = self.ty(id).support;
        let attrs = Attrs::Broadcast { shape: shape.to_vec(), dims: vec![] };
        self.op(&view::BROADCAST, vec![id], attrs, support, span)
    }

    /// An elementwise op of values of one shape; scalars are repeated.
    pub fn two(&mut self, op: Op, a: ExprId, b: ExprId, span: Span) -> Res<ExprId> {
        let shape = match self.ty(a).shape.is_empty() {
            true => self.ty(b).shape.clone(),
            false => self.ty(a).shape.clone(),
        };
        let (a, b) = (self.fill(a, &shape, span)?, self.fill(b, &shape, span)?);
        self.op(op, vec![a, b], Attrs::None, Support::Real, span)
    }

    /// An elementwise op of one value.
    pub fn one(&mut self, op: Op, a: ExprId, span: Span) -> Res<ExprId> {
        self.op(op, vec![a], Attrs::None, Support::Real, span)
    }

    /// A value times a number.
    pub fn times(&mut self, a: ExprId, factor: f64, span: Span) -> Res<ExprId> {
        let factor = self.literal(factor, DType::F32, span);
        self.two(&map::MUL, a, factor, span)
    }

    /// A value with another part at a place that is counted through some of its dims: an element, a row, or
    /// the same place of a whole value.
    pub fn with_part(
        &mut self,
        of: ExprId,
        (dims, at): (&[usize], ExprId),
        part: ExprId,
        span: Span,
    ) -> Res<ExprId> {
        let ty = self.ty(of).clone();
        let sizes: Vec<usize> = dims.iter().map(|d| ty.shape[*d]).collect();
        let n = sizes.iter().product();
        let count = Attrs::Iota { ty: Ty::new(DType::I32, vec![n]), axis: 0 };
        let places = self.op(&index::IOTA, vec![], count, Support::Index(n), span)?;
        let at = self.fill(at, &[n], span)?;
        let here = self.op(&map::EQ, vec![places, at], Attrs::None, Support::Bool, span)?;
        let here = self.reshape(here, sizes, span)?;
        let here = self.repeated(here, &ty.shape, dims.to_vec(), span)?;
        let rest = (0..ty.shape.len()).filter(|d| !dims.contains(d)).collect();
        let part = match self.ty(part).shape == ty.shape {
            true => part,
            false => self.repeated(part, &ty.shape, rest, span)?,
        };
        self.op(&map::SELECT, vec![here, part, of], Attrs::None, ty.support, span)
    }

    /// A value whose dims are some of a shape, repeated along the others.
    fn repeated(
        &mut self,
        id: ExprId,
        shape: &[usize],
        dims: Vec<usize>,
        span: Span,
    ) -> Res<ExprId> {
        if dims.len() == shape.len() {
            return Ok(id);
        }
        let support = self.ty(id).support;
        let attrs = Attrs::Broadcast { shape: shape.to_vec(), dims };
        self.op(&view::BROADCAST, vec![id], attrs, support, span)
    }

    /// The number of a turn of a loop.
    pub fn counter(&mut self, name: &str, turns: usize, span: Span) -> (VarId, ExprId) {
        let support = Support::Index(turns);
        let ty = Type { dtype: DType::I32, shape: vec![], support, varies: false, ends: false };
        self.m.fresh_var(name, ty, span)
    }

    /// A carry of a loop after its last turn.
    pub fn after(&mut self, scan: ExprKind, ty: &Type, span: Span) -> Res<ExprId> {
        let ExprKind::Scan { length, .. } = scan else { unreachable!("a carry of a loop") };
        let shape = [&[length], &ty.shape[..]].concat();
        let all = self.push(scan, Type { shape, varies: true, ..ty.clone() }, span)?;
        let last = self.cut(all, 0, length - 1, length, span)?;
        self.reshape(last, ty.shape.clone(), span)
    }

    /// A tensor from a value: statics become literals.
    pub fn tensor(&mut self, value: &Value<'a>, span: Span) -> Res<ExprId> {
        match value {
            Value::Tensor(id) => Ok(*id),
            Value::Static(Static::Int(n)) => Ok(self.literal(*n as f64, DType::F32, span)),
            Value::Dim(_, n) => Ok(self.literal(*n as f64, DType::F32, span)),
            Value::Static(Static::Float(x)) if x.is_finite() && (*x as f32).is_infinite() => {
                let text = format!("{x:e} is beyond the reals of 32 bits, which end at 3.4e38");
                let help = "write a smaller number; `infinity` is beyond all";
                self.fail(codes::RL0107, text, span, help)
            }
            Value::Static(Static::Float(x)) => Ok(self.literal(*x, DType::F32, span)),
            Value::Static(Static::Bool(b)) => Ok(self.literal(*b as u8 as f64, DType::Bool, span)),
            other => {
                let kind = other.kind();
                let help = match other {
                    Value::Func(_) | Value::Template(_) | Value::Chain(_) => {
                        "apply it: `x |> layer` or `f(x)`"
                    }
                    Value::Dist(_) | Value::Query(_) | Value::Density(_) => {
                        "take `mean(...)`, `log p(...)`, or draw inside `E[z ~ ...](...)`"
                    }
                    _ => "write a number or a tensor",
                };
                self.fail(codes::RL0105, format!("{kind} where a number is needed"), span, help)
            }
        }
    }

    /// An integer known now.
    pub fn int(&mut self, value: &Value<'a>, what: &str, span: Span) -> Res<i64> {
        match value {
            Value::Static(Static::Int(n)) | Value::Dim(_, n) => Ok(*n),
            Value::Tensor(id) if self.known_int(*id).is_some() => {
                Ok(self.known_int(*id).unwrap_or_default())
            }
            Value::Static(Static::Float(x)) => {
                let text = format!("{what} is {x:?}, and must be a whole number");
                let help = match x.fract() == 0.0 {
                    true => "write it without a point; `int(...)` of a real is a whole number",
                    false => "a quotient of dims must be exact; `int(...)` cuts off",
                };
                self.fail(codes::RL0107, text, span, help)
            }
            other => {
                let text = format!(
                    "{what} must be an integer known when compiling, this is {}",
                    other.kind()
                );
                self.fail(
                    codes::RL0109,
                    text,
                    span,
                    "use a `dim`, a `config` of type int, or a literal",
                )
            }
        }
    }

    /// A number of at least `low` known now.
    pub fn size(&mut self, value: &Value<'a>, what: &str, low: i64, span: Span) -> Res<usize> {
        let n = self.int(value, what, span)?;
        if n > budget::NUMBER.most as i64 {
            let text = format!("{what} is {n}, the limit is {}", budget::NUMBER.most);
            return self.fail(codes::RL0110, text, span, budget::NUMBER.help);
        }
        if n < low {
            let text = format!("{what} is {n}, and must be at least {low}");
            let help = format!("write a whole number of at least {low}");
            return self.fail(codes::RL0107, text, span, &help);
        }
        Ok(n as usize)
    }
}

/// The memory of a tensor, roughly; it may be beyond every integer.
fn bytes(shape: &[usize]) -> String {
    let size = 4.0 * shape.iter().map(|n| *n as f64).product::<f64>();
    let (unit, name) = if size < 1e15 { (1e12, "TB") } else { (1e15, "PB") };
    format!("{:.0} {name}", (size / unit).ceil())
}

/// The graph's type of one example.
pub fn graph_ty(ty: &Type) -> Ty {
    Ty::new(ty.dtype, ty.shape.clone())
}
