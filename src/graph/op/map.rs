//! Elementwise ops: all operands have one shape, which is the result's.

use super::{Derivative, Meaning, Rule, Sample, Value, count, need, reals, rows};
use crate::base::special;
use crate::graph::range;
use crate::graph::{Attrs, DType, Graph, NodeId, Ty};
use Derivative::{Unary, Zero};
use Meaning::{Map1, Map2, Whole};

fn unary(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    need(args[0], DType::F32)?;
    Ok(args[0].clone())
}

/// Reals or integers.
fn number(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    if args[0].dtype == DType::Bool {
        Err(format!("operand {}", args[0]))
    } else {
        Ok(args[0].clone())
    }
}

fn same(args: &[&Ty]) -> Result<(), String> {
    count(args, 2)?;
    if args[0] == args[1] { Ok(()) } else { Err(format!("operands {} and {}", args[0], args[1])) }
}

fn arith(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    same(args)?;
    if args[0].dtype == DType::Bool {
        Err(format!("operands {}", args[0]))
    } else {
        Ok(args[0].clone())
    }
}

fn real(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    same(args)?;
    need(args[0], DType::F32)?;
    Ok(args[0].clone())
}

fn compare(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    same(args)?;
    Ok(Ty::new(DType::Bool, args[0].shape.clone()))
}

fn logic(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    same(args)?;
    need(args[0], DType::Bool)?;
    Ok(args[0].clone())
}

fn negate(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    need(args[0], DType::Bool)?;
    Ok(args[0].clone())
}

fn choose(args: &[&Ty], _: &Attrs) -> Result<Ty, String> {
    count(args, 3)?;
    need(args[0], DType::Bool)?;
    if args[1] == args[2] && args[0].shape == args[1].shape {
        Ok(args[1].clone())
    } else {
        Err(format!("operands {}, {}, {}", args[0], args[1], args[2]))
    }
}

fn cast(args: &[&Ty], attrs: &Attrs) -> Result<Ty, String> {
    count(args, 1)?;
    match attrs {
        Attrs::DType(dtype) => Ok(Ty::new(*dtype, args[0].shape.clone())),
        _ => Err("no element type".into()),
    }
}

fn arg(g: &Graph, y: NodeId, i: usize) -> NodeId {
    g.node(y).args[i]
}

const D_ADD: Rule = |_, _, d, _| vec![Some(d), Some(d)];

const D_SUB: Rule = |g, _, d, _| vec![Some(d), Some(g.neg(d))];

const D_MUL: Rule = |g, y, d, _| {
    let (a, b) = (arg(g, y, 0), arg(g, y, 1));
    vec![Some(g.mul(d, b)), Some(g.mul(d, a))]
};

const D_DIV: Rule = |g, y, d, wanted| {
    let b = arg(g, y, 1);
    let over = g.div(d, b);
    let down = wanted[1].then(|| {
        let product = if range::of(g, b).inverts() {
            g.mul(over, y)
        } else {
            // `d / b` may be infinite where the quotient is 0, and 0 times that is no number.
            let share = g.div(y, b);
            g.mul(d, share)
        };
        g.neg(product)
    });
    vec![Some(over), down]
};

/// At a base of 0: the limit of `y x^(y-1)` in the base (0 for an exponent of 0, and below an exponent
/// of 1 where the base is never negative, as for a root of squares), and 0 in the exponent.
const D_POW: Rule = |g, y, d, wanted| {
    let (base, exponent) = (arg(g, y, 0), arg(g, y, 1));
    let zero = g.like(0.0, base);
    let in_base = wanted[0].then(|| {
        let less = g.add_const(exponent, -1.0);
        let power = g.pow(base, less);
        let slope = g.mul(exponent, power);
        let constant = g.eq(exponent, zero);
        let slope = g.select(constant, zero, slope);
        let slope = if range::of(g, base).nonnegative() && has_roots(g, exponent) {
            let at_zero = g.eq(base, zero);
            let one = g.like(1.0, exponent);
            let root = g.lt(exponent, one);
            let positive = g.ge(exponent, zero);
            let root = g.and(root, positive);
            let lowest = g.and(at_zero, root);
            g.select(lowest, zero, slope)
        } else {
            slope
        };
        g.mul(d, slope)
    });
    let in_exponent = wanted[1].then(|| {
        let positive = g.gt(base, zero);
        let one = g.like(1.0, base);
        let safe = g.select(positive, base, one);
        let log = g.log(safe);
        let slope = g.mul(y, log);
        g.mul(d, slope)
    });
    vec![in_base, in_exponent]
};

/// Whether an exponent may lie between 0 and 1.
fn has_roots(g: &Graph, exponent: NodeId) -> bool {
    let range = range::of(g, exponent);
    range.low < 1.0 && range.high > 0.0
}

/// A function that is never negative is lowest where it is 0, and so is its root: the slope there is
/// 0, not infinity times 0. Of any other operand it is infinite.
fn d_sqrt(g: &mut Graph, x: NodeId, y: NodeId, d: NodeId) -> NodeId {
    let half = g.scale(d, 0.5);
    let slope = g.div(half, y);
    let operand = range::of(g, x);
    if operand.low != 0.0 {
        return slope;
    }
    let zero = g.like(0.0, y);
    let lowest = g.eq(y, zero);
    g.select(lowest, zero, slope)
}

/// Of equals the second counts, so that `max(x, 0)` has slope 0 at 0.
fn d_choice(g: &mut Graph, y: NodeId, d: NodeId, first: NodeId) -> Vec<Option<NodeId>> {
    let zero = g.like(0.0, y);
    vec![Some(g.select(first, d, zero)), Some(g.select(first, zero, d))]
}

const D_MAX: Rule = |g, y, d, _| {
    let (a, b) = (arg(g, y, 0), arg(g, y, 1));
    let first = g.gt(a, b);
    d_choice(g, y, d, first)
};

const D_MIN: Rule = |g, y, d, _| {
    let (a, b) = (arg(g, y, 0), arg(g, y, 1));
    let first = g.lt(a, b);
    d_choice(g, y, d, first)
};

const D_SELECT: Rule = |g, y, d, _| {
    let condition = arg(g, y, 0);
    let mut sides = d_choice(g, y, d, condition);
    sides.insert(0, None);
    sides
};

const D_CAST: Rule = |g, y, d, _| {
    let from = g.ty(arg(g, y, 0)).dtype;
    vec![(from == DType::F32 && g.ty(y).dtype == DType::F32).then_some(d)]
};

/// The derivative of digamma: upwards by the recurrence, then the asymptotic series.
fn trigamma(g: &mut Graph, x: NodeId) -> NodeId {
    const STEPS: usize = 9;
    const SERIES: [f64; 6] =
        [1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2730.0];
    let one = g.like(1.0, x);
    let mut total = g.like(0.0, x);
    for k in 0..STEPS {
        let z = g.add_const(x, k as f64);
        let square = g.square(z);
        let term = g.div(one, square);
        total = g.add(total, term);
    }
    let z = g.add_const(x, STEPS as f64);
    let inverse = g.div(one, z);
    let square = g.square(inverse);
    let mut series = g.like(0.0, x);
    for coefficient in SERIES.iter().rev() {
        let sum = g.add_const(series, *coefficient);
        series = g.mul(sum, square);
    }
    let series = g.add_const(series, 1.0);
    let half = g.scale(inverse, 0.5);
    let sum = g.add(series, half);
    let tail = g.mul(inverse, sum);
    g.add(total, tail)
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Zero for zero; NaN for NaN.
fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

fn max(a: f64, b: f64) -> f64 {
    if a > b || a.is_nan() { a } else { b }
}

fn min(a: f64, b: f64) -> f64 {
    if a < b || a.is_nan() { a } else { b }
}

fn quotient(args: &[&Value], _: &Attrs, ty: &Ty) -> Value {
    let ratio = args[0] / args[1];
    if ty.dtype == DType::I32 { ratio.mapv(f64::floor) } else { ratio }
}

fn selected(args: &[&Value], _: &Attrs, _: &Ty) -> Value {
    ndarray::Zip::from(args[0])
        .and(args[1])
        .and(args[2])
        .map_collect(|c, a, b| if *c != 0.0 { *a } else { *b })
}

fn converted(args: &[&Value], _: &Attrs, ty: &Ty) -> Value {
    args[0].mapv(|x| match ty.dtype {
        DType::F32 => x,
        // As devices do: to the nearest end, and 0 for what is no number.
        DType::I32 if x.is_nan() => 0.0,
        DType::I32 => x.trunc().clamp(f64::from(i32::MIN), f64::from(i32::MAX)),
        DType::Bool => f64::from(x != 0.0),
    })
}

fn truth(args: &[&Value], holds: fn(f64, f64) -> bool) -> Value {
    ndarray::Zip::from(args[0]).and(args[1]).map_collect(|a, b| f64::from(holds(*a, *b)))
}

fn on(low: f64, high: f64) -> Vec<Sample> {
    vec![reals(&[&[2, 3]], low, high, Attrs::None)]
}

fn pair(low: f64, high: f64) -> Vec<Sample> {
    vec![reals(&[&[2, 3], &[2, 3]], low, high, Attrs::None)]
}

fn bools(n: usize) -> Vec<Sample> {
    let bit = (Ty::new(DType::Bool, [5]), 0.0, 1.0);
    vec![Sample { args: vec![bit; n], attrs: Attrs::None }]
}

/// Reals, and small integers so that equals occur.
fn comparable() -> Vec<Sample> {
    let small = (Ty::i32([3, 4]), 0.0, 2.0);
    let integers = Sample { args: vec![small; 2], attrs: Attrs::None };
    vec![reals(&[&[4], &[4]], -1.0, 1.0, Attrs::None), integers]
}

fn divisible() -> Vec<Sample> {
    let args = vec![(Ty::i32([9]), -9.0, 9.0), (Ty::i32([9]), 1.0, 4.0)];
    let integers = Sample { args, attrs: Attrs::None };
    vec![reals(&[&[2, 3], &[2, 3]], 0.5, 2.0, Attrs::None), integers]
}

fn choices() -> Vec<Sample> {
    let real = (Ty::f32([6]), -1.0, 1.0);
    let bit = (Ty::new(DType::Bool, [6]), 0.0, 1.0);
    vec![Sample { args: vec![bit, real.clone(), real], attrs: Attrs::None }]
}

fn casts() -> Vec<Sample> {
    let cast =
        |from, to| Sample { args: vec![(Ty::new(from, [5]), -3.0, 3.0)], attrs: Attrs::DType(to) };
    vec![
        cast(DType::F32, DType::I32),
        cast(DType::I32, DType::F32),
        cast(DType::I32, DType::Bool),
        cast(DType::F32, DType::F32),
    ]
}

rows! { Map;
    NEG = "neg", "The negative.",
        number, Unary(|g, _, _, d| g.neg(d)), Map1(|x| -x), || on(-2.0, 2.0);
    ABS = "abs", "The absolute value.",
        number, Unary(|g, x, _, d| { let s = g.sign(x); g.mul(d, s) }), Map1(f64::abs), || on(-2.0, 2.0);
    SIGN = "sign", "-1, 0 or 1.",
        number, Zero, Map1(sign), || on(-2.0, 2.0);
    FLOOR = "floor", "The largest integer not above.",
        unary, Zero, Map1(f64::floor), || on(-3.0, 3.0);
    EXP = "exp", "The exponential.",
        unary, Unary(|g, _, y, d| g.mul(d, y)), Map1(f64::exp), || on(-2.0, 2.0);
    LOG = "log", "The natural logarithm.",
        unary, Unary(|g, x, _, d| g.div(d, x)), Map1(f64::ln), || on(0.2, 3.0);
    LOG1P = "log1p", "log(1 + x), exact near 0.",
        unary, Unary(|g, x, _, d| { let s = g.add_const(x, 1.0); g.div(d, s) }), Map1(f64::ln_1p), || on(-0.5, 3.0);
    EXPM1 = "expm1", "exp(x) - 1, exact near 0.",
        unary, Unary(|g, _, y, d| { let e = g.add_const(y, 1.0); g.mul(d, e) }), Map1(f64::exp_m1), || on(-2.0, 2.0);
    SQRT = "sqrt", "The square root.",
        unary, Unary(d_sqrt), Map1(f64::sqrt), || on(0.3, 3.0);
    SIN = "sin", "The sine.",
        unary, Unary(|g, x, _, d| { let c = g.cos(x); g.mul(d, c) }), Map1(f64::sin), || on(-4.0, 4.0);
    COS = "cos", "The cosine.",
        unary, Unary(|g, x, _, d| { let s = g.sin(x); let p = g.mul(d, s); g.neg(p) }), Map1(f64::cos), || on(-4.0, 4.0);
    TANH = "tanh", "The hyperbolic tangent.",
        unary, Unary(|g, _, y, d| { let o = g.like(1.0, y); let q = g.square(y); let s = g.sub(o, q); g.mul(d, s) }), Map1(f64::tanh), || on(-2.0, 2.0);
    SIGMOID = "sigmoid", "1 / (1 + exp(-x)).",
        unary, Unary(|g, _, y, d| { let o = g.like(1.0, y); let r = g.sub(o, y); let s = g.mul(y, r); g.mul(d, s) }), Map1(|x| 1.0 / (1.0 + (-x).exp())), || on(-3.0, 3.0);
    SOFTPLUS = "softplus", "log(1 + exp(x)), without overflow.",
        unary, Unary(|g, x, _, d| { let s = g.sigmoid(x); g.mul(d, s) }), Map1(softplus), || on(-3.0, 3.0);
    ERF = "erf", "The error function.",
        unary, Unary(|g, x, _, d| { let q = g.square(x); let n = g.neg(q); let e = g.exp(n); let s = g.scale(e, std::f64::consts::FRAC_2_SQRT_PI); g.mul(d, s) }), Map1(special::erf), || on(-2.0, 2.0);
    LGAMMA = "lgamma", "The logarithm of the gamma function of a positive number.",
        unary, Unary(|g, x, _, d| { let s = g.digamma(x); g.mul(d, s) }), Map1(special::lgamma), || on(0.3, 5.0);
    DIGAMMA = "digamma", "The derivative of lgamma.",
        unary, Unary(|g, x, _, d| { let s = trigamma(g, x); g.mul(d, s) }), Map1(special::digamma), || on(0.5, 5.0);
    NOT = "not", "Logical negation.",
        negate, Zero, Map1(|x| f64::from(x == 0.0)), || bools(1);
    ADD = "add", "The sum.",
        arith, Derivative::Rule(D_ADD), Map2(|a, b| a + b), || pair(-2.0, 2.0);
    SUB = "sub", "The difference.",
        arith, Derivative::Rule(D_SUB), Map2(|a, b| a - b), || pair(-2.0, 2.0);
    MUL = "mul", "The product.",
        arith, Derivative::Rule(D_MUL), Map2(|a, b| a * b), || pair(-2.0, 2.0);
    DIV = "div", "The quotient; of integers rounded towards minus infinity.",
        arith, Derivative::Rule(D_DIV), Whole(quotient), divisible;
    POW = "pow", "x to the power y.",
        real, Derivative::Rule(D_POW), Map2(f64::powf), || pair(0.5, 2.0);
    MAX = "max", "The larger.",
        arith, Derivative::Rule(D_MAX), Map2(max), || pair(-2.0, 2.0);
    MIN = "min", "The smaller.",
        arith, Derivative::Rule(D_MIN), Map2(min), || pair(-2.0, 2.0);
    EQ = "eq", "Whether equal.",
        compare, Zero, Whole(|args, _, _| truth(args, |a, b| a == b)), comparable;
    NE = "ne", "Whether different.",
        compare, Zero, Whole(|args, _, _| truth(args, |a, b| a != b)), comparable;
    LT = "lt", "Whether less.",
        compare, Zero, Whole(|args, _, _| truth(args, |a, b| a < b)), comparable;
    LE = "le", "Whether less or equal.",
        compare, Zero, Whole(|args, _, _| truth(args, |a, b| a <= b)), comparable;
    GT = "gt", "Whether greater.",
        compare, Zero, Whole(|args, _, _| truth(args, |a, b| a > b)), comparable;
    GE = "ge", "Whether greater or equal.",
        compare, Zero, Whole(|args, _, _| truth(args, |a, b| a >= b)), comparable;
    AND = "and", "Whether both.",
        logic, Zero, Map2(|a, b| a * b), || bools(2);
    OR = "or", "Whether either.",
        logic, Zero, Map2(f64::max), || bools(2);
    SELECT = "select", "The second where the first holds, else the third.",
        choose, Derivative::Rule(D_SELECT), Whole(selected), choices;
    CAST = "cast", "To another element type: truth to 0 and 1, reals to integers by truncation, numbers to truth by `!= 0`.",
        cast, Derivative::Rule(D_CAST), Whole(converted), casts;
}
