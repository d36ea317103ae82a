//! Operators on numbers known now. In: an operator and numbers. Out: the number, or why there is none.

use crate::base::{Span, codes};
use crate::graph::op::Meaning;
use crate::graph::op::map;
use crate::graph::{Attrs, Op, Ty};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::Static;
use crate::syntax::ast::BinOp;

impl<'a> Elab<'a> {
    pub(super) fn static_binary(
        &mut self,
        op: BinOp,
        a: &Static,
        b: &Static,
        span: Span,
    ) -> Res<Static> {
        let result = match (a, b) {
            (Static::Int(a), Static::Int(b)) => return self.int_binary(op, *a, *b, span),
            (Static::Bool(a), Static::Bool(b)) => bool_binary(op, *a, *b),
            (Static::Str(a), Static::Str(b)) => equality(op, a == b),
            _ => real(a).zip(real(b)).and_then(|(a, b)| float_binary(op, a, b)),
        };
        match result {
            Some(value) => Ok(value),
            None => {
                let (a, b) = (crate::model::settings::show(a), crate::model::settings::show(b));
                let text = format!("`{}` of `{a}` and `{b}`", op.sign());
                let help =
                    "convert one: `if c then 1 else 0` makes a number, `x > 0` a truth value";
                self.fail(codes::RL0103, text, span, help)
            }
        }
    }

    fn int_binary(&mut self, op: BinOp, a: i64, b: i64, span: Span) -> Res<Static> {
        match whole_binary(op, a, b).or_else(|| comparison(op, a, b)) {
            Some(value) => Ok(value),
            None => {
                let text = format!("`{a} {} {b}` has no integer value", op.sign());
                let help = "integers are at most 9223372036854775807; write a real: `2.0`";
                self.fail(codes::RL0107, text, span, help)
            }
        }
    }
}

pub(super) fn real(s: &Static) -> Option<f64> {
    match s {
        Static::Int(n) => Some(*n as f64),
        Static::Float(x) => Some(*x),
        _ => None,
    }
}

/// An exponent that keeps whole numbers whole.
pub(super) fn is_power(s: &Static) -> bool {
    matches!(s, Static::Int(0..=64))
}

/// Arithmetic of whole numbers: a whole number where there is one; `None` where it is too large.
fn whole_binary(op: BinOp, a: i64, b: i64) -> Option<Static> {
    let checked = match op {
        BinOp::Add => a.checked_add(b),
        BinOp::Sub => a.checked_sub(b),
        BinOp::Mul => a.checked_mul(b),
        BinOp::Div if b != 0 && a.wrapping_rem(b) == 0 => a.checked_div(b),
        BinOp::Div if b != 0 => return Some(Static::Float(a as f64 / b as f64)),
        BinOp::Rem if b != 0 => {
            let left = a.checked_rem(b).unwrap_or(0);
            Some(if left != 0 && (left < 0) != (b < 0) { left + b } else { left })
        }
        BinOp::Pow if (0..64).contains(&b) => a.checked_pow(b as u32),
        BinOp::Pow => return Some(Static::Float((a as f64).powf(b as f64))),
        BinOp::Range if a <= b => {
            return Some(Static::Tuple(vec![Static::Int(a), Static::Int(b)]));
        }
        _ => None,
    };
    checked.map(Static::Int)
}

fn float_binary(op: BinOp, a: f64, b: f64) -> Option<Static> {
    Some(match op {
        BinOp::Rem => Static::Float(map::remainder(a, b)),
        BinOp::Add => Static::Float(a + b),
        BinOp::Sub => Static::Float(a - b),
        BinOp::Mul => Static::Float(map::product(a, b)),
        BinOp::Div => Static::Float(a / b),
        BinOp::Pow => Static::Float(a.powf(b)),
        _ => return comparison(op, a, b),
    })
}

fn bool_binary(op: BinOp, a: bool, b: bool) -> Option<Static> {
    match op {
        BinOp::And => Some(Static::Bool(a && b)),
        BinOp::Or => Some(Static::Bool(a || b)),
        _ => equality(op, a == b),
    }
}

/// Of values without an order.
fn equality(op: BinOp, equal: bool) -> Option<Static> {
    match op {
        BinOp::Eq => Some(Static::Bool(equal)),
        BinOp::Ne => Some(Static::Bool(!equal)),
        _ => None,
    }
}

/// Of numbers.
fn comparison<T: PartialOrd>(op: BinOp, a: T, b: T) -> Option<Static> {
    match op {
        BinOp::Lt => Some(Static::Bool(a < b)),
        BinOp::Le => Some(Static::Bool(a <= b)),
        BinOp::Gt => Some(Static::Bool(a > b)),
        BinOp::Ge => Some(Static::Bool(a >= b)),
        _ => equality(op, a == b),
    }
}

/// Elementwise functions of numbers known now. Whole numbers stay whole where a function keeps them so.
pub(super) fn static_map(op: Op, value: &Static) -> Option<Static> {
    let Meaning::Map1(meaning) = op.meaning else { return None };
    let takes = |ty: Ty| op.infer_type(&[&ty], &Attrs::None).is_ok();
    match value {
        Static::Int(n) if op == &map::FLOOR => Some(Static::Int(*n)),
        Static::Int(n) if takes(Ty::i32([])) => {
            let exact = n.unsigned_abs() <= 1 << f64::MANTISSA_DIGITS;
            exact.then(|| Static::Int(meaning(*n as f64) as i64))
        }
        _ => real(value).filter(|_| takes(Ty::f32([]))).map(|x| Static::Float(meaning(x))),
    }
}
