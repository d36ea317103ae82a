//! The rows of elementwise ops. Adding one: a row here, and its lane in `backend/cpu/lanes.rs`.

use super::slopes::*;
use super::terms::{slope, slopes};
use super::types::*;
use super::values::*;
use crate::base::special;
use crate::graph::op::Derivative::{Rule, Unary, Zero};
use crate::graph::op::Meaning::{Map1, Map2, Whole};
use crate::graph::op::{How, Image, Op, OpDef, Says, Slopes, maps};
use crate::graph::range::{self, Range, Wild};
use crate::graph::{Attrs, DType, Graph, NodeId};
use std::f64::consts::FRAC_2_SQRT_PI;

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

/// A function of one real whose results are computed: what most rows are.
const FUNCTION: OpDef = OpDef { infer: unary, price: 8, samples: || on(-2.0, 2.0), ..OpDef::MAP };
/// Arithmetic of two numbers.
const ARITHMETIC: OpDef = OpDef { infer: arith, samples: || pair(-2.0, 2.0), ..OpDef::MAP };
/// A truth value of two numbers.
const COMPARISON: OpDef = OpDef {
    infer: compare,
    samples: comparable,
    image: Image::Truth,
    range: |_, _| Range::new(0.0, 1.0, Wild::No),
    exact: true,
    ..OpDef::MAP
};
/// A truth value of truth values.
const LOGIC: OpDef = OpDef { infer: logic, samples: || bools(2), ..COMPARISON };

maps! {
    unary {
        NEG neg {
            doc: "The negative.",
            says: Says { usage: "neg(x)", more: "" },
            infer: number,
            derivative: slope!(|_, _, d| -d),
            meaning: Map1(|x| -x),
            range: |x, wild| Range::new(-x[0].high, -x[0].low, wild),
            slopes: Slopes::EVEN,
            exact: true,
            price: 1,
            real: "-{0}",
            whole: "-{0}",
            ..FUNCTION
        }
        ABS abs {
            doc: "The absolute value.",
            says: Says { usage: "abs(x)", more: "" },
            infer: number,
            derivative: slope!(|x, _, d| d * x.sign()),
            meaning: Map1(f64::abs),
            range: |x, wild| match x[0] {
                x if x.low < 0.0 => Range::new(0.0, x.high.max(-x.low), wild),
                x => Range { wild, ..x },
            },
            slopes: Slopes::FLAT,
            exact: true,
            price: 1,
            real: "abs_f({0})",
            whole: "abs_i({0})",
            ..FUNCTION
        }
        SIGN sign {
            doc: "-1, 0 or 1.",
            says: Says { usage: "sign(x)", more: "" },
            infer: number,
            meaning: Map1(sign_of),
            image: Image::Within(-1.0, 1.0),
            slopes: Slopes::FLAT,
            exact: true,
            price: 1,
            real: "sign_f({0})",
            whole: "sign_i({0})",
            special: &[(0.0, 0.0), (-3.0, -1.0)],
            ..FUNCTION
        }
        FLOOR floor {
            doc: "The largest integer not above.",
            says: Says { usage: "floor(x)", more: "The largest whole number not above." },
            meaning: Map1(f64::floor),
            samples: || on(-3.0, 3.0),
            range: |x, wild| Range::new(x[0].low.floor(), x[0].high.floor(), wild),
            exact: true,
            price: 1,
            real: "floor_f({0})",
            ..FUNCTION
        }
        EXP exp {
            doc: "The exponential.",
            says: Says { usage: "exp(x)", more: "" },
            derivative: slope!(|_, y, d| d * y),
            meaning: Map1(f64::exp),
            image: Image::Positive,
            range: |x, wild| Range::new(0.0, x[0].high.exp(), x[0].grows(wild)),
            slopes: Slopes::FADES,
            real: "exp_f({0})",
            accuracy: &[(-87.0, 88.7, 3.0), (-1.0, 1.0, 2.0)],
            special: &[(INF, INF), (-INF, 0.0), (NAN, NAN), (89.0, INF)],
            hint: EXPONENT,
            ..FUNCTION
        }
        LOG log {
            doc: "The natural logarithm.",
            says: Says {
                usage: "log(x)",
                more: "The natural logarithm; `log p(x)` is the log-density.",
            },
            derivative: slope!(|x, _, d| d / x),
            meaning: Map1(f64::ln),
            samples: || on(0.2, 3.0),
            range: |x, wild| {
                let wild = wild.unless(x[0].low > 0.0);
                Range::new(x[0].low.max(0.0).ln(), x[0].high.ln(), wild)
            },
            real: "log_f({0})",
            accuracy: &[(1e-44, 1e-37, 3.0), (1e-30, 1e30, 3.0), (0.5, 2.0, 3.0)],
            special: &[(0.0, -INF), (-1.0, NAN), (INF, INF), (NAN, NAN)],
            hint: LOGARITHM,
            ..FUNCTION
        }
        LOG1P log1p {
            doc: "log(1 + x), exact near 0.",
            says: Says { usage: "log1p(x)", more: "" },
            derivative: slope!(|x, _, d| d / (x + 1.0)),
            meaning: Map1(f64::ln_1p),
            samples: || on(-0.5, 3.0),
            range: |x, wild| {
                let wild = wild.unless(x[0].low > -1.0);
                Range::new(x[0].low.max(-1.0).ln_1p(), x[0].high.ln_1p(), wild)
            },
            real: "log1p_f({0})",
            accuracy: &[(-0.999, 5.0, 4.0), (-1e-4, 1e-4, 3.0)],
            special: &[(-1.0, -INF), (INF, INF), (-2.0, NAN)],
            hint: LOGARITHM,
            ..FUNCTION
        }
        EXPM1 expm1 {
            doc: "exp(x) - 1, exact near 0.",
            says: Says { usage: "expm1(x)", more: "" },
            derivative: slope!(|_, y, d| d * (y + 1.0)),
            meaning: Map1(f64::exp_m1),
            range: |x, wild| Range::new(-1.0, x[0].high.exp_m1(), x[0].grows(wild)),
            slopes: Slopes::FADES,
            real: "expm1_f({0})",
            accuracy: &[(-20.0, 88.0, 4.0), (-1e-3, 1e-3, 3.0)],
            special: &[(INF, INF), (-INF, -1.0), (NAN, NAN)],
            hint: EXPONENT,
            ..FUNCTION
        }
        SQRT sqrt {
            doc: "The square root.",
            says: Says { usage: "sqrt(x)", more: "" },
            derivative: Unary(d_sqrt),
            meaning: Map1(f64::sqrt),
            samples: || on(0.3, 3.0),
            range: |x, wild| {
                let high = x[0].high.min(range::LARGEST).sqrt();
                Range::new(x[0].low.max(0.0).sqrt(), high, wild.unless(x[0].low >= 0.0))
            },
            price: 3,
            real: "sqrt_f({0})",
            special: &[(-1.0, NAN)],
            hint: "keep the operand of the root above 0: `sqrt(x + 1e-6)`",
            ..FUNCTION
        }
        SIN sin {
            doc: "The sine.",
            says: Says { usage: "sin(x)", more: "" },
            derivative: slope!(|x, _, d| d * x.cos()),
            meaning: Map1(f64::sin),
            samples: || on(-4.0, 4.0),
            image: Image::Within(-1.0, 1.0),
            real: "sin_f({0})",
            ..FUNCTION
        }
        COS cos {
            doc: "The cosine.",
            says: Says { usage: "cos(x)", more: "" },
            derivative: slope!(|x, _, d| -(d * x.sin())),
            meaning: Map1(f64::cos),
            samples: || on(-4.0, 4.0),
            image: Image::Within(-1.0, 1.0),
            real: "cos_f({0})",
            ..FUNCTION
        }
        TANH tanh {
            doc: "The hyperbolic tangent.",
            says: Says { usage: "tanh(x)", more: "" },
            derivative: slope!(|_, y, d| d * (1.0 - y * y)),
            meaning: Map1(f64::tanh),
            image: Image::Within(-1.0, 1.0),
            slopes: Slopes::SATURATES,
            real: "tanh_f({0})",
            accuracy: &[(-12.0, 12.0, 4.0), (-1e-3, 1e-3, 4.0)],
            special: &[(INF, 1.0), (-INF, -1.0), (NAN, NAN)],
            ..FUNCTION
        }
        SIGMOID sigmoid {
            doc: "1 / (1 + exp(-x)).",
            says: Says { usage: "sigmoid(x)", more: "" },
            derivative: slope!(|_, y, d| d * (y * (1.0 - y))),
            meaning: Map1(|x| 1.0 / (1.0 + (-x).exp())),
            samples: || on(-3.0, 3.0),
            image: Image::Within(0.0, 1.0),
            slopes: Slopes::SATURATES,
            real: "sigmoid_f({0})",
            accuracy: &[(-80.0, 80.0, 4.0)],
            special: &[(-INF, 0.0), (INF, 1.0), (NAN, NAN)],
            ..FUNCTION
        }
        SOFTPLUS softplus {
            doc: "log(1 + exp(x)), without overflow.",
            says: Says { usage: "softplus(x)", more: "" },
            derivative: slope!(|x, _, d| d * x.sigmoid()),
            meaning: Map1(softplus_of),
            samples: || on(-3.0, 3.0),
            image: Image::Positive,
            slopes: Slopes::SATURATES,
            price: 12,
            real: "softplus_f({0})",
            accuracy: &[(-80.0, 80.0, 4.0), (-2.0, 2.0, 4.0)],
            special: &[(-INF, 0.0), (INF, INF), (NAN, NAN)],
            ..FUNCTION
        }
        ERF erf {
            doc: "The error function.",
            says: Says { usage: "erf(x)", more: "" },
            derivative: slope!(|x, _, d| d * ((-(x * x)).exp() * FRAC_2_SQRT_PI)),
            meaning: Map1(special::erf),
            image: Image::Within(-1.0, 1.0),
            slopes: Slopes::FADES,
            real: "erf_f({0})",
            accuracy: &[(-5.0, 5.0, 4.0), (-0.1, 0.1, 4.0)],
            special: &[(INF, 1.0), (NAN, NAN)],
            ..FUNCTION
        }
        LGAMMA lgamma {
            doc: "The logarithm of the gamma function of a positive number.",
            says: Says { usage: "lgamma(x)", more: "The logarithm of the gamma function." },
            derivative: slope!(|x, _, d| d * x.digamma()),
            meaning: Map1(special::lgamma),
            samples: || on(0.3, 5.0),
            range: |x, wild| Range { wild: wild.unless(x[0].low > 0.0), ..Range::ANY },
            price: 100,
            real: "lgamma_f({0})",
            accuracy: &[(0.1, 50.0, 8.0)],
            special: &[(0.0, INF), (1.0, 0.0), (2.0, 0.0), (INF, INF), (NAN, NAN)],
            hint: GAMMA,
            ..FUNCTION
        }
        DIGAMMA digamma {
            doc: "The derivative of lgamma.",
            says: Says { usage: "digamma(x)", more: "" },
            derivative: slope!(|x, _, d| d * trigamma(x)),
            meaning: Map1(special::digamma),
            samples: || on(0.5, 5.0),
            range: |x, wild| Range { wild: wild.unless(x[0].low > 0.0), ..Range::ANY },
            price: 100,
            real: "digamma_f({0})",
            accuracy: &[(2.0, 50.0, 4.0)],
            hint: GAMMA,
            ..FUNCTION
        }
        NOT not {
            doc: "Logical negation.",
            infer: negate,
            derivative: Zero,
            meaning: Map1(|x| f64::from(x == 0.0)),
            samples: || bools(1),
            real: "1.0f - {0}",
            ..LOGIC
        }
    }
    binary {
        ADD add {
            doc: "The sum.",
            sign: Some(("+", 2)),
            derivative: slopes!(|_, _, d| [d, d]),
            meaning: Map2(|a, b| a + b),
            range: |x, wild| Range::new(x[0].low + x[1].low, x[0].high + x[1].high, wild),
            slopes: Slopes::EVEN,
            real: "{0} + {1}",
            whole: "{0} + {1}",
            ..ARITHMETIC
        }
        SUB sub {
            doc: "The difference.",
            sign: Some(("-", 2)),
            derivative: slopes!(|_, _, d| [d, -d]),
            meaning: Map2(|a, b| a - b),
            range: |x, wild| Range::new(x[0].low - x[1].high, x[0].high - x[1].low, wild),
            slopes: Slopes::EVEN,
            real: "{0} - {1}",
            whole: "{0} - {1}",
            ..ARITHMETIC
        }
        MUL mul {
            doc: "The product.",
            sign: Some(("*", 3)),
            derivative: slopes!(|a, b, d| [d * b, d * a]),
            meaning: Map2(|a, b| a * b),
            range: |x, wild| range::product(&x[0], &x[1], wild),
            real: "{0} * {1}",
            whole: "{0} * {1}",
            ..ARITHMETIC
        }
        DIV div {
            doc: "The quotient; of integers rounded towards minus infinity.",
            sign: Some(("/", 3)),
            derivative: Rule(D_DIV),
            meaning: Whole(quotient),
            samples: divisible,
            range: |x, wild| {
                let defined = x[1].low > 0.0 || x[1].high < 0.0;
                range::quotient(&x[0], &x[1], wild.unless(defined))
            },
            slopes: Slopes { fade: &[1], ..Slopes::UNKNOWN },
            price: 3,
            real: "{0} / {1}",
            whole: "floor_div_i({0}, {1})",
            hint: "keep the divisor away from 0: `x / (y + 1e-6)`",
            ..ARITHMETIC
        }
        REM rem {
            doc: "What is left of a division, between 0 and the divisor.",
            sign: Some(("%", 3)),
            infer: real,
            derivative: Rule(D_REM),
            meaning: Map2(remainder),
            samples: || pair(0.5, 2.0),
            range: |x, wild| {
                let defined = x[1].low > 0.0 || x[1].high < 0.0;
                Range::new(x[1].low.min(0.0), x[1].high.max(0.0), wild.unless(defined))
            },
            price: 30,
            real: "rem_f({0}, {1})",
            hint: "keep the divisor away from 0: `x % (y + 1e-6)`",
            ..ARITHMETIC
        }
        POW pow {
            doc: "x to the power y.",
            infer: real,
            derivative: Rule(D_POW),
            meaning: Map2(f64::powf),
            samples: || pair(0.5, 2.0),
            range: |x, wild| range::power(&x[0], &x[1], wild),
            slopes: Slopes { fade: &[0], ..Slopes::UNKNOWN },
            price: 100,
            real: "pow_f({0}, {1})",
            hint: "keep the base of the power above 0: `(x + 1e-6)^p`",
            ..ARITHMETIC
        }
        MAX max {
            doc: "The larger.",
            derivative: Rule(D_MAX),
            meaning: Map2(larger),
            range: |x, wild| Range::new(x[0].low.max(x[1].low), x[0].high.max(x[1].high), wild),
            slopes: Slopes::EVEN,
            chooses: true,
            exact: true,
            real: "max_f({0}, {1})",
            whole: "max({0}, {1})",
            ..ARITHMETIC
        }
        MIN min {
            doc: "The smaller.",
            derivative: Rule(D_MIN),
            meaning: Map2(smaller),
            range: |x, wild| Range::new(x[0].low.min(x[1].low), x[0].high.min(x[1].high), wild),
            slopes: Slopes::EVEN,
            chooses: true,
            exact: true,
            real: "min_f({0}, {1})",
            whole: "min({0}, {1})",
            ..ARITHMETIC
        }
        EQ eq {
            doc: "Whether equal.",
            sign: Some(("==", 1)),
            meaning: Whole(|args, _, _| truth(args, |a, b| a == b)),
            real: "select(0.0f, 1.0f, {0} == {1})",
            whole: "select(0.0f, 1.0f, {0} == {1})",
            ..COMPARISON
        }
        NE ne {
            doc: "Whether different.",
            sign: Some(("!=", 1)),
            meaning: Whole(|args, _, _| truth(args, |a, b| a != b)),
            real: "select(1.0f, 0.0f, {0} == {1})",
            whole: "select(0.0f, 1.0f, {0} != {1})",
            ..COMPARISON
        }
        LT lt {
            doc: "Whether less.",
            sign: Some(("<", 1)),
            meaning: Whole(|args, _, _| truth(args, |a, b| a < b)),
            real: "select(0.0f, 1.0f, {0} < {1})",
            whole: "select(0.0f, 1.0f, {0} < {1})",
            ..COMPARISON
        }
        LE le {
            doc: "Whether less or equal.",
            sign: Some(("<=", 1)),
            meaning: Whole(|args, _, _| truth(args, |a, b| a <= b)),
            real: "select(0.0f, 1.0f, {0} <= {1})",
            whole: "select(0.0f, 1.0f, {0} <= {1})",
            ..COMPARISON
        }
        GT gt {
            doc: "Whether greater.",
            sign: Some((">", 1)),
            meaning: Whole(|args, _, _| truth(args, |a, b| a > b)),
            real: "select(0.0f, 1.0f, {0} > {1})",
            whole: "select(0.0f, 1.0f, {0} > {1})",
            ..COMPARISON
        }
        GE ge {
            doc: "Whether greater or equal.",
            sign: Some((">=", 1)),
            meaning: Whole(|args, _, _| truth(args, |a, b| a >= b)),
            real: "select(0.0f, 1.0f, {0} >= {1})",
            whole: "select(0.0f, 1.0f, {0} >= {1})",
            ..COMPARISON
        }
        AND and {
            doc: "Whether both.",
            meaning: Map2(|a, b| a * b),
            real: "{0} * {1}",
            ..LOGIC
        }
        OR or {
            doc: "Whether either.",
            meaning: Map2(f64::max),
            real: "max({0}, {1})",
            ..LOGIC
        }
    }
    others {
        3 SELECT select {
            doc: "The second where the first holds, else the third.",
            word: "where",
            infer: choose,
            derivative: Rule(D_SELECT),
            meaning: Whole(selected),
            samples: choices,
            range: |x, wild| Range::new(x[1].low.min(x[2].low), x[1].high.max(x[2].high), wild),
            slopes: Slopes::EVEN,
            chooses: true,
            exact: true,
            ..OpDef::MAP
        }
        1 CAST cast {
            doc: "To another element type: truth to 0 and 1, reals to integers by truncation, numbers to truth by `!= 0`.",
            infer: converted_type,
            derivative: Rule(D_CAST),
            meaning: Whole(converted),
            samples: casts,
            range: |x, wild| Range { wild, ..x[0] },
            slopes: Slopes::EVEN,
            exact: true,
            ..OpDef::MAP
        }
    }
}

impl How {
    /// The op that joins two terms.
    pub fn join(self) -> Op {
        match self {
            How::Sum => &ADD,
            How::Max => &MAX,
            How::Min => &MIN,
            How::Prod => &MUL,
        }
    }
}

/// Ops whose operands are of several types.
impl Graph {
    /// `a` where the condition holds, else `b`.
    pub fn select(&mut self, condition: NodeId, a: NodeId, b: NodeId) -> NodeId {
        self.push(&SELECT, vec![condition, a, b], Attrs::None)
    }

    /// To another element type; `x` itself if it has that type.
    pub fn cast(&mut self, x: NodeId, dtype: DType) -> NodeId {
        if self.ty(x).dtype == dtype {
            return x;
        }
        self.push(&CAST, vec![x], Attrs::DType(dtype))
    }
}

const EXPONENT: &str = "bound the exponent: `exp(min(x, 20))`, or use `softplus`";
const LOGARITHM: &str =
    "keep the operand of the logarithm above 0: `log(x + 1e-6)`, or `log_softmax`, `log_sigmoid`";
const GAMMA: &str = "keep the operand of `lgamma` or `digamma` above 0";
