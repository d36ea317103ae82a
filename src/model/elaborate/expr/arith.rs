//! Operators: numbers known now are computed now; tensors become ops. Only scalars broadcast.

use super::fold::{is_power, real, static_map};
use super::support::{join, map_support, result_support, square_support};
use crate::base::{Span, codes};
use crate::graph::attrs::ContractSpec;
use crate::graph::op::{contract, is, map};
use crate::graph::{Attrs, DType, Op, Ty};
use crate::model::elaborate::expr::as_static;
use crate::model::elaborate::expr::types::show;
use crate::model::elaborate::value::Value;
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{ExprId, Static, Support};
use crate::syntax::ast::BinOp;

/// Spans of the left operand, the right operand and the sign.
pub type Places = (Span, Span, Span);

fn row(op: BinOp) -> Op {
    match op {
        BinOp::Or => &map::OR,
        BinOp::And => &map::AND,
        BinOp::Eq => &map::EQ,
        BinOp::Ne => &map::NE,
        BinOp::Le => &map::LE,
        BinOp::Ge => &map::GE,
        BinOp::Lt => &map::LT,
        BinOp::Gt => &map::GT,
        BinOp::Add => &map::ADD,
        BinOp::Sub => &map::SUB,
        BinOp::Mul => &map::MUL,
        BinOp::Div => &map::DIV,
        BinOp::Pow => &map::POW,
        other => unreachable!("{other:?} is no map"),
    }
}

impl<'a> Elab<'a> {
    /// `left op right`
    pub fn binary(
        &mut self,
        op: BinOp,
        left: Value<'a>,
        right: Value<'a>,
        span: Span,
        places: Places,
    ) -> Res<Value<'a>> {
        let divides = matches!(op, BinOp::Div | BinOp::Rem);
        if divides && as_static(&right).and_then(|b| real(&b)) == Some(0.0) {
            let help = "divide by another number; a setting states its range: `config t: f32 in 0.1..10 = 1.0`";
            return self.fail(codes::RL0107, "division by 0".into(), places.1, help);
        }
        if let (Some(a), Some(b)) = (as_static(&left), as_static(&right)) {
            return self.static_binary(op, &a, &b, span).map(Value::Static);
        }
        match op {
            BinOp::MatMul => {
                let (a, b) = (self.tensor(&left, places.0)?, self.tensor(&right, places.1)?);
                self.matmul(a, b, span, places).map(Value::Tensor)
            }
            BinOp::Rem => self.remainder_of(left, right, span, places).map(Value::Tensor),
            BinOp::Range => {
                let text = format!("`{}` takes integers known when compiling", op.sign());
                let help = "use a `dim`, a `config` of type int, or a literal";
                self.fail(codes::RL0109, text, span, help)
            }
            _ => self.elementwise(op, left, right, span, places).map(Value::Tensor),
        }
    }

    fn elementwise(
        &mut self,
        op: BinOp,
        left: Value<'a>,
        right: Value<'a>,
        span: Span,
        places: Places,
    ) -> Res<ExprId> {
        let (a, b) = self.of_one_type(op, &left, &right, places)?;
        let (ta, tb) = (self.ty(a).clone(), self.ty(b).clone());
        let (a, b) = self.same_shape(op.sign(), a, b, places)?;
        if matches!(op, BinOp::And | BinOp::Or) && ta.dtype != DType::Bool {
            let text = format!("`{}` joins truth values, not `{}`", op.sign(), show(&ta));
            return self.fail(codes::RL0103, text, span, "compare first: `x > 0`");
        }
        match self.constant(b) {
            Some(2.0) if op == BinOp::Pow && ta.dtype == DType::F32 => {
                let support = square_support(ta.support);
                return self.op(&map::MUL, vec![a, a], Attrs::None, support, span);
            }
            Some(n) if op == BinOp::Pow && ta.dtype == DType::I32 => {
                return self.whole_power(a, n as u32, span);
            }
            _ => {}
        }
        let support = result_support(op, ta.support, tb.support);
        let id = self.op(row(op), vec![a, b], Attrs::None, support, span)?;
        if ta.dtype == DType::I32 {
            self.fits_whole(id, span)?;
        }
        if op == BinOp::Sub {
            self.cross_entropy_of_reals(id);
        }
        Ok(id)
    }

    /// Both operands of an elementwise operator, which have one element type.
    fn of_one_type(
        &mut self,
        op: BinOp,
        left: &Value<'a>,
        right: &Value<'a>,
        places: Places,
    ) -> Res<(ExprId, ExprId)> {
        let (a, b) = match op {
            BinOp::Div => self.reals(left, right, places)?,
            BinOp::Pow if as_static(right).is_none_or(|n| !is_power(&n)) => {
                self.reals(left, right, places)?
            }
            _ => self.operands(left, right, places)?,
        };
        let (ta, tb) = (self.ty(a), self.ty(b));
        if ta.dtype == tb.dtype {
            return Ok((a, b));
        }
        let (ta, tb) = (show(ta), show(tb));
        let text = format!("`{}` of `{ta}` and `{tb}`", op.sign());
        let diagnostic = self
            .error(codes::RL0103, text, places.2, "")
            .also(self.place(places.0), ta)
            .also(self.place(places.1), tb)
            .help("convert one: `float(x)`, or `one_hot(i, n)` for an index");
        self.stop(diagnostic)
    }

    /// The number that an expression is, if it is a (repeated) literal.
    pub fn constant(&self, id: ExprId) -> Option<f64> {
        match &self.m.expr(id).kind {
            crate::model::ir::ExprKind::Op { attrs: Attrs::Const(x, _), .. } => Some(x.0),
            crate::model::ir::ExprKind::Op { op, args, .. } if op.name == is::BROADCAST => {
                self.constant(args[0])
            }
            _ => None,
        }
    }

    /// Both as reals: `/` is the quotient of reals, of whole numbers too.
    fn reals(
        &mut self,
        left: &Value<'a>,
        right: &Value<'a>,
        places: Places,
    ) -> Res<(ExprId, ExprId)> {
        let (a, b) = (self.tensor(left, places.0)?, self.tensor(right, places.1)?);
        Ok((self.whole_as_real(a, places.2)?, self.whole_as_real(b, places.2)?))
    }

    /// Whole numbers as reals; other values as they are.
    pub fn whole_as_real(&mut self, id: ExprId, span: Span) -> Res<ExprId> {
        if self.ty(id).dtype != DType::I32 {
            return Ok(id);
        }
        let (low, high) = self.range(id);
        let known = low.is_finite() && high.is_finite();
        let support = if known { Support::Interval(low, high) } else { Support::Real };
        self.op(&map::CAST, vec![id], Attrs::DType(DType::F32), support, span)
    }

    /// What has a mean: reals, and truth values and whole numbers as reals.
    pub fn averaged(&mut self, id: ExprId, span: Span) -> Res<ExprId> {
        match self.ty(id).dtype {
            DType::Bool => {
                self.op(&map::CAST, vec![id], Attrs::DType(DType::F32), Support::Bit, span)
            }
            _ => self.whole_as_real(id, span),
        }
    }

    /// `a % b`: what is left of `a` after so many times `b`, with the sign of `b`.
    fn remainder_of(
        &mut self,
        left: Value<'a>,
        right: Value<'a>,
        span: Span,
        places: Places,
    ) -> Res<ExprId> {
        let (a, b) = self.operands(&left, &right, places)?;
        let whole = self.ty(a).dtype == DType::I32 && self.ty(b).dtype == DType::I32;
        let (a, b) = self.same_shape("%", a, b, places)?;
        if !whole {
            return self.op(&map::REM, vec![a, b], Attrs::None, Support::Real, span);
        }
        let floor = self.op(&map::DIV, vec![a, b], Attrs::None, Support::Integer, span)?;
        let taken = self.op(&map::MUL, vec![b, floor], Attrs::None, Support::Integer, span)?;
        self.op(&map::SUB, vec![a, taken], Attrs::None, Support::Integer, span)
    }

    /// A whole number multiplied by itself.
    fn whole_power(&mut self, base: ExprId, n: u32, span: Span) -> Res<ExprId> {
        let shape = self.ty(base).shape.clone();
        let one = self.literal(1.0, DType::I32, span);
        let mut power = self.fill(one, &shape, span)?;
        for _ in 0..n {
            power = self.op(&map::MUL, vec![power, base], Attrs::None, Support::Integer, span)?;
            self.fits_whole(power, span)?;
        }
        Ok(power)
    }

    /// Both as tensors; a literal takes the element type of the other side.
    pub fn operands(
        &mut self,
        left: &Value<'a>,
        right: &Value<'a>,
        places: Places,
    ) -> Res<(ExprId, ExprId)> {
        let whole = |v: &Value<'a>| matches!(as_static(v), Some(Static::Int(_)));
        match (left, right) {
            (Value::Tensor(a), b) if whole(b) && self.ty(*a).dtype == DType::I32 => {
                let n = self.int(b, "", places.1)?;
                Ok((*a, self.whole(n as f64, places.1)?))
            }
            (a, Value::Tensor(b)) if whole(a) && self.ty(*b).dtype == DType::I32 => {
                let n = self.int(a, "", places.0)?;
                Ok((self.whole(n as f64, places.0)?, *b))
            }
            _ => Ok((self.tensor(left, places.0)?, self.tensor(right, places.1)?)),
        }
    }

    /// Repeats a scalar over the other's shape; anything else must agree.
    pub fn same_shape(
        &mut self,
        what: &str,
        a: ExprId,
        b: ExprId,
        places: Places,
    ) -> Res<(ExprId, ExprId)> {
        let (sa, sb) = (self.ty(a).shape.clone(), self.ty(b).shape.clone());
        if sa == sb {
            return Ok((a, b));
        }
        if sa.is_empty() {
            return Ok((self.fill(a, &sb, places.0)?, b));
        }
        if sb.is_empty() {
            return Ok((a, self.fill(b, &sa, places.1)?));
        }
        self.shapes_differ(what, (a, b), places)
    }

    /// Says that two shapes do not agree, and how they could.
    fn shapes_differ<T>(&mut self, what: &str, (a, b): (ExprId, ExprId), places: Places) -> Res<T> {
        let (sa, sb) = (&self.ty(a).shape, &self.ty(b).shape);
        let help = if sa.ends_with(sb) || sb.ends_with(sa) {
            "only scalars are repeated by themselves; write `expand(value, over = T)`"
        } else {
            "make the dims agree: change a `dim`, the width of a layer, or `reshape`"
        };
        let (ta, tb) = (show(self.ty(a)), show(self.ty(b)));
        let text = format!("`{what}` of `{ta}` and `{tb}`: the shapes differ");
        let diagnostic = self
            .error(codes::RL0103, text, places.2, "")
            .also(self.place(places.0), ta)
            .also(self.place(places.1), tb)
            .help(help);
        self.stop(diagnostic)
    }

    /// `c` where true, else.
    pub fn select(
        &mut self,
        cond: Value<'a>,
        a: Value<'a>,
        b: Value<'a>,
        span: Span,
    ) -> Res<Value<'a>> {
        let c = self.tensor(&cond, span)?;
        let (mut a, mut b) = self.operands(&a, &b, (span, span, span))?;
        let shapes = [self.ty(c), self.ty(a), self.ty(b)].map(|t| t.shape.clone());
        let shape = shapes.iter().max_by_key(|s| s.len()).cloned().unwrap_or_default();
        let wide = shapes.iter().all(|s| s.is_empty() || *s == shape);
        if !wide || self.ty(a).dtype != self.ty(b).dtype || self.ty(c).dtype != DType::Bool {
            let (c, a, b) = (show(self.ty(c)), show(self.ty(a)), show(self.ty(b)));
            let text = format!("`where` of `{c}`, `{a}` and `{b}`");
            let help = "a truth value, then two values of one shape";
            return self.fail(codes::RL0103, text, span, help);
        }
        let c = self.fill(c, &shape, span)?;
        a = self.fill(a, &shape, span)?;
        b = self.fill(b, &shape, span)?;
        let support = join(self.ty(a).support, self.ty(b).support);
        self.op(&map::SELECT, vec![c, a, b], Attrs::None, support, span).map(Value::Tensor)
    }

    /// An elementwise function of one argument.
    pub fn map1(&mut self, op: Op, value: Value<'a>, span: Span) -> Res<Value<'a>> {
        if let Some(known) = as_static(&value).and_then(|value| static_map(op, &value)) {
            return Ok(Value::Static(known));
        }
        let id = self.tensor(&value, span)?;
        let given = self.ty(id).clone();
        if op == &map::FLOOR && given.dtype == DType::I32 {
            return Ok(value);
        }
        let own = Ty::new(given.dtype, []);
        if op.infer_type(&[&own], &Attrs::None).is_err() {
            let text = format!("`{}` of `{}`", op.name, show(&given));
            return self.fail(codes::RL0103, text, span, "convert with `float(...)`");
        }
        self.op(op, vec![id], Attrs::None, map_support(op, given.support), span).map(Value::Tensor)
    }

    /// `a @ b`: the last dim of `a` with the first of a vector or the second-last of `b`.
    fn matmul(&mut self, a: ExprId, b: ExprId, span: Span, places: Places) -> Res<ExprId> {
        let (sa, sb) = (self.ty(a).shape.clone(), self.ty(b).shape.clone());
        let fits = match (sa.len(), sb.len()) {
            (0, _) | (_, 0) => false,
            (_, 1) => sa[sa.len() - 1] == sb[0],
            (_, 2) => sa[sa.len() - 1] == sb[0],
            (n, m) if n >= 2 => n == m && sa[..n - 2] == sb[..n - 2] && sa[n - 1] == sb[n - 2],
            _ => false,
        };
        if !fits {
            let (ta, tb) = (show(self.ty(a)), show(self.ty(b)));
            let diagnostic = self
                .error(codes::RL0103, format!("`@` of `{ta}` and `{tb}`"), places.2, "")
                .also(self.place(places.0), ta)
                .also(self.place(places.1), tb)
                .help("the last dim of the left side meets the first of a vector, or the second-last of the right side; `.T` transposes");
            return self.stop(diagnostic);
        }
        let spec = Attrs::Contract(product_of_ranks(sa.len(), sb.len()));
        self.op(&contract::CONTRACT, vec![a, b], spec, Support::Real, span)
    }
}

/// The dims of `a @ b` by letters: `z` is summed, `y` is the last of `b`, equal letters go together.
fn product_of_ranks(a: usize, b: usize) -> ContractSpec {
    let letters = |n: usize| (0..n as u8).map(|i| b'a' + i).collect::<Vec<u8>>();
    let inner = b'z';
    let mut lhs = letters(a);
    let last = a - 1;
    lhs[last] = inner;
    let (rhs, out) = match b {
        1 => (vec![inner], lhs[..last].to_vec()),
        2 => (vec![inner, b'y'], [&lhs[..last], b"y"].concat()),
        n => {
            let mut rhs = letters(n);
            (rhs[n - 2], rhs[n - 1]) = (inner, b'y');
            (rhs, [&lhs[..last], b"y"].concat())
        }
    };
    ContractSpec { lhs, rhs, out }
}
