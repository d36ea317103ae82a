//! What each elementwise op does to a run of elements: a row for each, on lanes where there are any.
//! In: an operation and a run. Out: the run.
//!
//! Functions here are unsafe for two reasons: the run must reach over its elements, and the instruction
//! set must exist on this machine. `tile` gives runs inside of buffers and tiles, `Isa::available` asks
//! the processor.

#![allow(unsafe_op_in_unsafe_fn, reason = "the same reasons for all of them, stated above")]

use super::code::{Run, WIDE};
use super::math;
use super::simd::{Isa, Lanes, Plain};
use crate::base::special;
use crate::graph::Op;
use crate::graph::op::map::Row;
use crate::plan::Code;

/// What an instruction does to a run.
pub type Lane = unsafe fn(Run);

/// Applies an expression to each group of lanes, the last one by way of a padded copy. A macro,
/// since a closure would not be compiled for the instruction set of its caller.
macro_rules! each {
    ($run:ident, |$($x:ident),*| $body:expr) => {{
        let whole = $run.n / L::N * L::N;
        let mut i = 0;
        while i < whole {
            let mut arg = 0;
            $(let $x = L::load($run.from[arg].add(i)); arg += 1;)*
            let _ = arg;
            let y: L = $body;
            y.store($run.to.add(i));
            i += L::N;
        }
        if $run.n > whole {
            let mut arg = 0;
            $(let $x = part_of::<L>($run.from[arg].add(i), $run.n - whole); arg += 1;)*
            let _ = arg;
            let y: L = $body;
            let mut part = [0f32; WIDE];
            y.store(part.as_mut_ptr());
            std::ptr::copy_nonoverlapping(part.as_ptr(), $run.to.add(i), $run.n - whole);
        }
    }};
}

/// The same of two operands, either of which may be one value.
macro_rules! pair {
    ($run:ident, |$x:ident, $y:ident| $body:expr) => {
        if $run.same[1] {
            let $y = L::splat(*$run.from[1]);
            each!($run, |$x| $body)
        } else if $run.same[0] {
            let $x = L::splat(*$run.from[0]);
            let $run = Run { from: [$run.from[1]; 3], ..$run };
            each!($run, |$y| $body)
        } else {
            each!($run, |$x, $y| $body)
        }
    };
}

/// The same with a third operand, which varies.
macro_rules! pair_and {
    ($run:ident, |$x:ident, $y:ident, $z:ident| $body:expr) => {
        if $run.same[1] {
            let $y = L::splat(*$run.from[1]);
            let [x, _, z] = $run.from;
            let $run = Run { from: [x, z, z], ..$run };
            each!($run, |$x, $z| $body)
        } else if $run.same[0] {
            let $x = L::splat(*$run.from[0]);
            let [_, y, z] = $run.from;
            let $run = Run { from: [y, z, z], ..$run };
            each!($run, |$y, $z| $body)
        } else {
            each!($run, |$x, $y, $z| $body)
        }
    };
}

/// The first lanes from memory, the others zero.
#[inline(always)]
unsafe fn part_of<L: Lanes>(from: *const f32, n: usize) -> L {
    let mut part = [0f32; WIDE];
    std::ptr::copy_nonoverlapping(from, part.as_mut_ptr(), n);
    L::load(part.as_ptr())
}

/// Applies `f` to each element by itself.
#[inline(always)]
unsafe fn scalar(run: Run, f: impl Fn(f32, f32) -> f32) {
    for i in 0..run.n {
        *run.to.add(i) = f(*run.from[0].add(i), *run.from[1].add(i))
    }
}

/// Applies `f` to each element as an integer.
#[inline(always)]
unsafe fn whole(run: Run, f: impl Fn(i32, i32) -> i32) {
    scalar(run, |x, y| f32::from_bits(f(x.to_bits() as i32, y.to_bits() as i32) as u32))
}

/// A truth value of two integers.
#[inline(always)]
unsafe fn whether(run: Run, f: impl Fn(i32, i32) -> bool) {
    scalar(run, |x, y| f32::from(f(x.to_bits() as i32, y.to_bits() as i32)))
}

/// One where the mask holds.
#[inline(always)]
unsafe fn bit<L: Lanes>(mask: L::Mask) -> L {
    L::pick(mask, L::splat(1.0), L::splat(0.0))
}

#[inline(always)]
unsafe fn not<L: Lanes>(x: L) -> L {
    L::splat(1.0).sub(x)
}

/// Sine or cosine; elements too large for lanes are done one by one.
#[inline(always)]
unsafe fn wave<L: Lanes>(run: Run, turn: f32, exact: fn(f64) -> f64) {
    let far = (0..run.n).any(|i| (*run.from[0].add(i)).abs() > math::TURNS);
    if far {
        scalar(run, |x, _| exact(f64::from(x)) as f32);
    } else {
        each!(run, |x| math::wave(x, turn));
    }
}

/// What is left of a division; its meaning says more.
fn rem(x: f32, y: f32) -> f32 {
    let rest = x % y;
    if rest == 0.0 {
        return 0.0f32.copysign(y);
    }
    if (rest < 0.0) == (y < 0.0) {
        return rest;
    }
    let shifted = rest + y;
    let rounds_up = shifted == y && y.is_finite();
    if rounds_up { f32::from_bits(y.to_bits() - 1) } else { shifted }
}

/// A function of a run, for each instruction set.
macro_rules! on {
    ($isa:ident, |$run:ident| $body:expr) => {{
        #[inline(always)]
        unsafe fn generic<L: Lanes>($run: Run) {
            $body
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,fma")]
        unsafe fn avx2(run: Run) {
            generic::<std::arch::x86_64::__m256>(run)
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
        unsafe fn avx512(run: Run) {
            generic::<std::arch::x86_64::__m512>(run)
        }
        let lane: Lane = match $isa {
            Isa::Plain => generic::<Plain>,
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => avx2,
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => avx512,
        };
        lane
    }};
}

/// The same of integers and of what is done one by one: on every instruction set alike.
macro_rules! plainly {
    (|$run:ident| $body:expr) => {{
        unsafe fn plain($run: Run) {
            $body
        }
        let lane: Lane = plain;
        lane
    }};
}

/// The rows: of reals, and where there are such, of integers. One that is missing does not compile.
macro_rules! lanes {
    (|$run:ident| $($NAME:ident $real:expr $(, whole $whole:expr)?;)*) => {
        fn real(isa: Isa, op: Op) -> Lane {
            match row(op) {
                $(Row::$NAME => on!(isa, |$run| $real),)*
            }
        }

        fn integers(op: Op) -> Lane {
            match row(op) {
                $($(Row::$NAME => plainly!(|$run| $whole),)?)*
                _ => unreachable!("{} is not of integers", op.name),
            }
        }

        /// Whether there is a lane for integers.
        #[cfg(test)]
        pub fn has_integers(op: Op) -> bool {
            match op.row {
                $($(Some(Row::$NAME) => { let _ = stringify!($whole); true })?)*
                _ => false,
            }
        }
    };
}

lanes! { |run|
    NEG each!(run, |x| x.xor(L::splat(-0.0))), whole whole(run, |x, _| x.wrapping_neg());
    ABS each!(run, |x| math::abs(x)), whole whole(run, |x, _| x.wrapping_abs());
    SIGN each!(run, |x| sign::<L>(x)), whole whole(run, |x, _| x.signum());
    FLOOR each!(run, |x| x.floor());
    EXP each!(run, |x| math::exp(x));
    LOG each!(run, |x| math::log(x));
    LOG1P each!(run, |x| math::log1p(x));
    EXPM1 each!(run, |x| math::expm1(x));
    SQRT each!(run, |x| x.sqrt());
    SIN wave::<L>(run, 0.0, f64::sin);
    COS wave::<L>(run, 1.0, f64::cos);
    TANH each!(run, |x| math::tanh(x));
    SIGMOID each!(run, |x| math::sigmoid(x));
    SOFTPLUS each!(run, |x| math::softplus(x));
    ERF each!(run, |x| math::erf(x));
    LGAMMA scalar(run, |x, _| special::lgamma(f64::from(x)) as f32);
    DIGAMMA scalar(run, |x, _| special::digamma(f64::from(x)) as f32);
    NOT each!(run, |x| not(x));
    ADD pair!(run, |x, y| x.add(y)), whole whole(run, i32::wrapping_add);
    SUB pair!(run, |x, y| x.sub(y)), whole whole(run, i32::wrapping_sub);
    MUL pair!(run, |x, y| x.mul(y)), whole whole(run, i32::wrapping_mul);
    DIV pair!(run, |x, y| x.div(y)), whole whole(run, floor_div);
    REM scalar(run, rem);
    POW scalar(run, |x, y| f64::from(x).powf(f64::from(y)) as f32);
    // Not-a-number goes on from either side.
    MAX pair!(run, |x, y| L::pick(x.eq(x), x.high(y), x)), whole whole(run, i32::max);
    MIN pair!(run, |x, y| L::pick(x.eq(x), x.low(y), x)), whole whole(run, i32::min);
    EQ pair!(run, |x, y| bit(x.eq(y))), whole whether(run, |x, y| x == y);
    NE each!(run, |x, y| not(bit::<L>(x.eq(y)))), whole whether(run, |x, y| x != y);
    LT pair!(run, |x, y| bit(x.lt(y))), whole whether(run, |x, y| x < y);
    LE each!(run, |x, y| bit(x.le(y))), whole whether(run, |x, y| x <= y);
    GT pair!(run, |x, y| bit(y.lt(x))), whole whether(run, |x, y| x > y);
    GE each!(run, |x, y| bit(y.le(x))), whole whether(run, |x, y| x >= y);
    AND each!(run, |x, y| x.mul(y));
    OR each!(run, |x, y| x.high(y));
    SELECT each!(run, |c, x, y| L::pick(c.eq(L::splat(0.0)), y, x));
    // Other conversions have operations of their own, by what they come from and go to.
    CAST each!(run, |x| x);
}

fn row(op: Op) -> Row {
    match op.row {
        Some(row) => row,
        None => unreachable!("{} is not elementwise", op.name),
    }
}

/// An operation on this instruction set. The function is safe to call where [`super::code::run`] is.
pub fn of(isa: Isa, code: Code) -> Lane {
    match code {
        Code::Real(op) => real(isa, op),
        Code::Whole(op) => integers(op),
        Code::Fma => on!(isa, |run| pair_and!(run, |x, y, z| x.fma(y, z))),
        Code::Fnma => on!(isa, |run| pair_and!(run, |x, y, z| x.xor(L::splat(-0.0)).fma(y, z))),
        Code::Truth => on!(isa, |run| each!(run, |x| L::pick(
            x.eq(L::splat(0.0)),
            L::splat(0.0),
            L::splat(1.0)
        ))),
        Code::Trunc => plainly!(|run| scalar(run, |x, _| f32::from_bits(x as i32 as u32))),
        Code::Float => plainly!(|run| scalar(run, |x, _| x.to_bits() as i32 as f32)),
        Code::ITruth => plainly!(|run| whether(run, |x, _| x != 0)),
    }
}

/// -1, 0 or 1; zeros and what is no number stay.
#[inline(always)]
unsafe fn sign<L: Lanes>(x: L) -> L {
    let zero = L::splat(0.0);
    let down = L::pick(x.lt(zero), L::splat(-1.0), x);
    L::pick(zero.lt(x), L::splat(1.0), down)
}

/// Rounded towards minus infinity; by zero: zero.
fn floor_div(x: i32, y: i32) -> i32 {
    if y == 0 {
        return 0;
    }
    let q = x.wrapping_div(y);
    if x.wrapping_rem(y) != 0 && (x < 0) != (y < 0) { q - 1 } else { q }
}
