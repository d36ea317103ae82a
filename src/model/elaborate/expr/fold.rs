//! Operators on numbers known now. In: an operator and numbers. Out: the number, or why there is none.

use super::arith::sign;
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
            (Static::Bool(a), Static::Bool(b)) => match op {
                BinOp::And => Some(Static::Bool(*a && *b)),
                BinOp::Or => Some(Static::Bool(*a || *b)),
                BinOp::Eq => Some(Static::Bool(a == b)),
                BinOp::Ne => Some(Static::Bool(a != b)),
                _ => None,
            },
            (Static::Str(a), Static::Str(b)) => match op {
                BinOp::Eq => Some(Static::Bool(a == b)),
                BinOp::Ne => Some(Static::Bool(a != b)),
                _ => None,
            },
            _ => real(a).zip(real(b)).and_then(|(a, b)| float_binary(op, a, b)),
        };
        match result {
            Some(value) => Ok(value),
            None => {
                let text = format!(
                    "`{}` of `{}` and `{}`",
                    sign(op),
                    crate::model::settings::show(a),
                    crate::model::settings::show(b)
                );
                self.fail(
                    codes::RL0103,
                    text,
                    span,
                    "convert one: `if c then 1 else 0` makes a number, `x > 0` a truth value",
                )
            }
        }
    }

    fn int_binary(&mut self, op: BinOp, a: i64, b: i64, span: Span) -> Res<Static> {
        let checked = match op {
            BinOp::Add => a.checked_add(b),
            BinOp::Sub => a.checked_sub(b),
            BinOp::Mul => a.checked_mul(b),
            BinOp::Div if b != 0 && a % b == 0 => Some(a / b),
            BinOp::Div if b != 0 => return Ok(Static::Float(a as f64 / b as f64)),
            BinOp::Rem if b != 0 => {
                let left = a.checked_rem(b).unwrap_or(0);
                Some(if left != 0 && (left < 0) != (b < 0) { left + b } else { left })
            }
            BinOp::Pow if (0..64).contains(&b) => a.checked_pow(b as u32),
            BinOp::Pow => return Ok(Static::Float((a as f64).powf(b as f64))),
            BinOp::Range if a <= b => {
                return Ok(Static::Tuple(vec![Static::Int(a), Static::Int(b)]));
            }
            BinOp::Eq => return Ok(Static::Bool(a == b)),
            BinOp::Ne => return Ok(Static::Bool(a != b)),
            BinOp::Lt => return Ok(Static::Bool(a < b)),
            BinOp::Le => return Ok(Static::Bool(a <= b)),
            BinOp::Gt => return Ok(Static::Bool(a > b)),
            BinOp::Ge => return Ok(Static::Bool(a >= b)),
            _ => None,
        };
        match checked {
            Some(n) => Ok(Static::Int(n)),
            None => {
                let text = format!("`{a} {} {b}` has no integer value", sign(op));
                self.fail(
                    codes::RL0107,
                    text,
                    span,
                    "integers are at most 9223372036854775807; write a real: `2.0`",
                )
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

fn float_binary(op: BinOp, a: f64, b: f64) -> Option<Static> {
    Some(match op {
        BinOp::Rem => Static::Float(map::remainder(a, b)),
        BinOp::Add => Static::Float(a + b),
        BinOp::Sub => Static::Float(a - b),
        BinOp::Mul => Static::Float(a * b),
        BinOp::Div => Static::Float(a / b),
        BinOp::Pow => Static::Float(a.powf(b)),
        BinOp::Eq => Static::Bool(a == b),
        BinOp::Ne => Static::Bool(a != b),
        BinOp::Lt => Static::Bool(a < b),
        BinOp::Le => Static::Bool(a <= b),
        BinOp::Gt => Static::Bool(a > b),
        BinOp::Ge => Static::Bool(a >= b),
        _ => return None,
    })
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
