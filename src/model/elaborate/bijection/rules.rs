//! Elementwise functions with an inverse: one row each. The slope is that of the function, in its operand
//! and its result, whichever is told better.

use crate::base::Span;
use crate::graph::Op;
use crate::graph::op::{is, map};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::ExprId;
use std::f64::consts::LN_2;

/// From the result to the operand.
type Inverse = fn(&mut Elab<'_>, ExprId, Span) -> Res<ExprId>;
/// From operand and result to the logarithm of the slope.
type LogSlope = fn(&mut Elab<'_>, ExprId, ExprId, Span) -> Res<ExprId>;

/// A function of one number.
pub struct Rule {
    name: &'static str,
    /// Whether it gives all reals.
    pub whole: bool,
    /// Its inverse.
    pub inverse: Inverse,
    /// The logarithm of the size of its slope; none where that is 1.
    pub log_slope: Option<LogSlope>,
}

/// The rule of an op.
pub fn of(op: Op) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == op.name)
}

static RULES: &[Rule] = &[
    Rule {
        name: is::NEG,
        whole: true,
        inverse: |e, y, at| e.one(&map::NEG, y, at),
        log_slope: None,
    },
    Rule {
        name: is::EXP,
        whole: false,
        inverse: |e, y, at| e.one(&map::LOG, y, at),
        log_slope: Some(|_, x, _, _| Ok(x)),
    },
    Rule {
        name: is::LOG,
        whole: true,
        inverse: |e, y, at| e.one(&map::EXP, y, at),
        log_slope: Some(|e, _, y, at| e.one(&map::NEG, y, at)),
    },
    Rule {
        name: is::EXPM1,
        whole: false,
        inverse: |e, y, at| e.one(&map::LOG1P, y, at),
        log_slope: Some(|_, x, _, _| Ok(x)),
    },
    Rule {
        name: is::LOG1P,
        whole: true,
        inverse: |e, y, at| e.one(&map::EXPM1, y, at),
        log_slope: Some(|e, _, y, at| e.one(&map::NEG, y, at)),
    },
    Rule {
        name: is::SIGMOID,
        whole: false,
        inverse: logit,
        log_slope: Some(|e, x, _, at| {
            let minus = e.one(&map::NEG, x, at)?;
            let (up, down) = (e.one(&map::SOFTPLUS, x, at)?, e.one(&map::SOFTPLUS, minus, at)?);
            let both = e.two(&map::ADD, up, down, at)?;
            e.one(&map::NEG, both, at)
        }),
    },
    Rule {
        name: is::TANH,
        whole: false,
        inverse: |e, y, at| {
            let minus = e.one(&map::NEG, y, at)?;
            let (above, below) = (e.one(&map::LOG1P, y, at)?, e.one(&map::LOG1P, minus, at)?);
            let both = e.two(&map::SUB, above, below, at)?;
            e.times(both, 0.5, at)
        },
        // 1 - tanh(x)^2 = 4 / (exp(x) + exp(-x))^2
        log_slope: Some(|e, x, _, at| {
            let twice = e.times(x, -2.0, at)?;
            let soft = e.one(&map::SOFTPLUS, twice, at)?;
            let sum = e.two(&map::ADD, x, soft, at)?;
            let two = e.literal(LN_2, crate::graph::DType::F32, at);
            let rest = e.two(&map::SUB, two, sum, at)?;
            e.times(rest, 2.0, at)
        }),
    },
    Rule {
        name: is::SOFTPLUS,
        whole: false,
        // log(exp(y) - 1) = y + log(1 - exp(-y))
        inverse: |e, y, at| {
            let minus = e.one(&map::NEG, y, at)?;
            let less = e.one(&map::EXPM1, minus, at)?;
            let less = e.one(&map::NEG, less, at)?;
            let log = e.one(&map::LOG, less, at)?;
            e.two(&map::ADD, y, log, at)
        },
        log_slope: Some(|e, x, _, at| {
            let minus = e.one(&map::NEG, x, at)?;
            let soft = e.one(&map::SOFTPLUS, minus, at)?;
            e.one(&map::NEG, soft, at)
        }),
    },
    Rule {
        name: is::SQRT,
        whole: false,
        inverse: |e, y, at| e.two(&map::MUL, y, y, at),
        log_slope: Some(|e, _, y, at| {
            let twice = e.times(y, 2.0, at)?;
            let log = e.one(&map::LOG, twice, at)?;
            e.one(&map::NEG, log, at)
        }),
    },
];

fn logit(e: &mut Elab<'_>, y: ExprId, at: Span) -> Res<ExprId> {
    let minus = e.one(&map::NEG, y, at)?;
    let (log, rest) = (e.one(&map::LOG, y, at)?, e.one(&map::LOG1P, minus, at)?);
    e.two(&map::SUB, log, rest, at)
}
