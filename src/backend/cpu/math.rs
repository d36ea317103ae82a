//! Elementary functions on lanes, by polynomials. In: lanes. Out: lanes, wrong by a few units in
//! the last place at most; infinities and NaN as everywhere.
//!
//! Every function here is unsafe for one reason: the instruction set of its lanes must exist on this
//! machine. `lanes::of` chooses functions by `Isa`, and `Isa::available` asks the processor.

#![allow(unsafe_op_in_unsafe_fn, reason = "one reason for all of them, stated above")]
#![allow(clippy::excessive_precision, reason = "coefficients as published")]

use super::simd::Lanes;

#[inline(always)]
unsafe fn poly<L: Lanes>(x: L, coefficients: &[f32]) -> L {
    let mut sum = L::splat(coefficients[0]);
    for c in &coefficients[1..] {
        sum = sum.fma(x, L::splat(*c));
    }
    sum
}

const SIGN: f32 = -0.0;
const LN2_HIGH: f32 = 0.693_359_375;
const LN2_LOW: f32 = -2.121_944_4e-4;

/// The absolute value.
#[inline(always)]
pub unsafe fn abs<L: Lanes>(x: L) -> L {
    x.and(L::splat(f32::from_bits(0x7fff_ffff)))
}

/// The size of `x` with the sign of `y`.
#[inline(always)]
unsafe fn copysign<L: Lanes>(x: L, y: L) -> L {
    abs(x).or(y.and(L::splat(SIGN)))
}

/// `x = n ln 2 + r`: `n`, `r` and `(exp(r) - 1 - r) / r^2`.
#[inline(always)]
unsafe fn reduce<L: Lanes>(x: L) -> (L, L, L) {
    let n = x.mul(L::splat(std::f32::consts::LOG2_E)).round();
    let r = n.fma(L::splat(-LN2_HIGH), x);
    let r = n.fma(L::splat(-LN2_LOW), r);
    let p = poly(
        r,
        &[
            1.987_569_15e-4,
            1.398_199_95e-3,
            8.333_451_9e-3,
            4.166_579_6e-2,
            1.666_666_55e-1,
            5.000_000_1e-1,
        ],
    );
    (n, r, p)
}

/// The exponential.
#[inline(always)]
pub unsafe fn exp<L: Lanes>(x: L) -> L {
    let x = L::splat(89.0).low(L::splat(-104.5).high(x));
    let (n, r, p) = reduce(x);
    p.fma(r.mul(r), r).add(L::splat(1.0)).scale(n)
}

/// `exp(x) - 1`.
#[inline(always)]
pub unsafe fn expm1<L: Lanes>(x: L) -> L {
    let x = L::splat(89.0).low(L::splat(-30.0).high(x));
    let (n, r, p) = reduce(x);
    let p = p.fma(r.mul(r), r);
    let half = L::splat(0.5).scale(n);
    let sum = p.fma(half, half.sub(L::splat(0.5)));
    let y = sum.add(sum);
    // Keeps the sign of zero and tiny numbers as they are.
    L::pick(abs(x).lt(L::splat(1e-7)), x, y)
}

/// `log(1 + f)` plus `e ln 2`, for `1 + f` between `sqrt(1/2)` and `sqrt(2)`.
#[inline(always)]
unsafe fn log_near<L: Lanes>(f: L, e: L) -> L {
    let p = poly(
        f,
        &[
            7.037_683_6e-2,
            -1.151_461_03e-1,
            1.167_699_9e-1,
            -1.242_014_1e-1,
            1.424_932_3e-1,
            -1.666_805_8e-1,
            2.000_071_5e-1,
            -2.499_999_4e-1,
            3.333_333_1e-1,
        ],
    );
    let ff = f.mul(f);
    let y = p.mul(ff).mul(f);
    let y = e.fma(L::splat(LN2_LOW), y);
    let y = ff.fma(L::splat(-0.5), y);
    e.fma(L::splat(LN2_HIGH), f.add(y))
}

/// The natural logarithm.
#[inline(always)]
pub unsafe fn log<L: Lanes>(x: L) -> L {
    let tiny = x.lt(L::splat(f32::MIN_POSITIVE));
    let big = L::pick(tiny, x.mul(L::splat(8_388_608.0)), x);
    // Bits relative to those of sqrt(1/2): their exponent is the power of two to take off.
    let e = big.bits_sub(L::splat(std::f32::consts::FRAC_1_SQRT_2)).exponent();
    let m = big.bits_sub(e.to_exponent());
    let e = L::pick(tiny, e.sub(L::splat(23.0)), e);
    let y = log_near(m.sub(L::splat(1.0)), e);
    let y = L::pick(x.lt(L::splat(f32::INFINITY)), y, x);
    let y = L::pick(L::splat(0.0).lt(x), y, L::splat(f32::NAN));
    let y = L::pick(x.eq(L::splat(0.0)), L::splat(f32::NEG_INFINITY), y);
    L::pick(x.eq(x), y, x)
}

/// `log(1 + x)`.
#[inline(always)]
pub unsafe fn log1p<L: Lanes>(x: L) -> L {
    let u = x.add(L::splat(1.0));
    let lost = x.sub(u.sub(L::splat(1.0)));
    let y = log(u).add(lost.div(u));
    let y = L::pick(abs(x).lt(L::splat(1e-7)), x, y);
    L::pick(u.lt(L::splat(f32::INFINITY)), L::pick(u.eq(L::splat(0.0)), log(u), y), log(u))
}

/// `log(1 + t)` for `t` from 0 to 1.
#[inline(always)]
unsafe fn log1p_unit<L: Lanes>(t: L) -> L {
    let big = L::splat(0.414_213_57).lt(t);
    let half = t.sub(L::splat(1.0)).mul(L::splat(0.5));
    log_near(L::pick(big, half, t), L::pick(big, L::splat(1.0), L::splat(0.0)))
}

/// `log(1 + exp(x))`.
#[inline(always)]
pub unsafe fn softplus<L: Lanes>(x: L) -> L {
    let t = exp(abs(x).xor(L::splat(SIGN)));
    let y = L::splat(0.0).high(x).add(log1p_unit(t));
    L::pick(x.eq(x), y, x)
}

/// `1 / (1 + exp(-x))`.
#[inline(always)]
pub unsafe fn sigmoid<L: Lanes>(x: L) -> L {
    let e = exp(abs(x).xor(L::splat(SIGN)));
    let top = L::pick(x.lt(L::splat(0.0)), e, L::splat(1.0));
    top.div(e.add(L::splat(1.0)))
}

/// The hyperbolic tangent.
#[inline(always)]
pub unsafe fn tanh<L: Lanes>(x: L) -> L {
    let size = L::splat(10.0).low(abs(x));
    let t = expm1(size.add(size));
    copysign(t.div(t.add(L::splat(2.0))), x)
}

/// The error function.
#[inline(always)]
pub unsafe fn erf<L: Lanes>(x: L) -> L {
    let t = L::splat(6.0).low(abs(x));
    let s = x.mul(x);
    let r = t.fma(L::splat(-1.728_534_7e-5), L::splat(3.831_972e-4));
    let u = t.fma(L::splat(-3.883_964e-3), L::splat(2.425_462_2e-2));
    let r = r.fma(t.mul(t), u);
    let r = r.fma(t, L::splat(-1.067_778_8e-1));
    let r = r.fma(t, L::splat(-6.348_467e-1));
    let r = r.fma(t, L::splat(-1.287_175_1e-1));
    let far = L::splat(1.0).sub(exp(r.fma(t, t.xor(L::splat(SIGN)))));
    let near = poly(
        s,
        &[
            -5.967_617e-4,
            4.991_194_2e-3,
            -2.676_813_5e-2,
            1.128_199_3e-1,
            -3.761_253_4e-1,
            1.283_791_7e-1,
        ],
    );
    let y = L::pick(L::splat(0.927_734_375).lt(t), copysign(far, x), near.fma(x, x));
    L::pick(x.eq(x), y, x)
}

/// Sine (`turn` 0) or cosine (`turn` 1) where the size is at most [`TURNS`].
#[inline(always)]
pub unsafe fn wave<L: Lanes>(x: L, turn: f32) -> L {
    let n = x.mul(L::splat(std::f32::consts::FRAC_2_PI)).round();
    let r = n.fma(L::splat(-1.570_796_4), x);
    let r = n.fma(L::splat(4.371_139e-8), r);
    let r = n.fma(L::splat(1.715_124_4e-15), r);
    let rr = r.mul(r);
    let sine = poly(rr, &[-1.951_529_6e-4, 8.332_161e-3, -1.666_665_5e-1]);
    let sine = sine.fma(rr.mul(r), r);
    let cosine = poly(rr, &[2.443_315_7e-5, -1.388_731_6e-3, 4.166_664_6e-2]);
    let cosine = cosine.fma(rr.mul(rr), rr.fma(L::splat(-0.5), L::splat(1.0)));
    // The quarter turn modulo 4, as a real.
    let n = n.add(L::splat(turn));
    let quarter = n.sub(n.mul(L::splat(0.25)).floor().mul(L::splat(4.0)));
    let odd = quarter.sub(quarter.mul(L::splat(0.5)).floor().mul(L::splat(2.0)));
    let y = L::pick(odd.eq(L::splat(1.0)), cosine, sine);
    L::pick(L::splat(1.5).lt(quarter), y.xor(L::splat(SIGN)), y)
}

/// Largest argument of [`wave`].
pub const TURNS: f32 = 20_000.0;
