//! One operation of a register program over a run of elements. In: pointers and a count. Out: the
//! run at `to`; it may be the place of an operand, but may not overlap one otherwise.

use super::math;
use super::simd::{Isa, Lanes, Plain};
use crate::base::special;
use crate::plan::{Code, How};

/// The widest vector, in lanes.
const WIDE: usize = 16;

/// Operands and result of one operation.
#[derive(Clone, Copy)]
pub struct Run {
    /// The result.
    pub to: *mut f32,
    /// Up to three operands; unused ones are repeated.
    pub from: [*const f32; 3],
    /// Which of the first two operands hold one value many times.
    pub same: [bool; 2],
    /// Number of elements.
    pub n: usize,
}

impl Run {
    /// A run over operands that vary.
    pub fn new(to: *mut f32, from: [*const f32; 3], n: usize) -> Run {
        Run { to, from, same: [false; 2], n }
    }
}

/// Runs one operation.
///
/// # Safety
/// The pointers must reach over `n` elements, and `isa` must exist on this machine.
pub unsafe fn run(isa: Isa, code: Code, run: Run) {
    unsafe {
        match isa {
            Isa::Plain => generic::<Plain>(code, run),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => avx2(code, run),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => avx512(code, run),
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2(code: Code, run: Run) {
    unsafe { generic::<std::arch::x86_64::__m256>(code, run) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
unsafe fn avx512(code: Code, run: Run) {
    unsafe { generic::<std::arch::x86_64::__m512>(code, run) }
}

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
    unsafe {
        std::ptr::copy_nonoverlapping(from, part.as_mut_ptr(), n);
        L::load(part.as_ptr())
    }
}

/// Applies `f` to each element by itself.
#[inline(always)]
unsafe fn scalar(run: Run, f: impl Fn(f32, f32) -> f32) {
    for i in 0..run.n {
        unsafe { *run.to.add(i) = f(*run.from[0].add(i), *run.from[1].add(i)) }
    }
}

/// Applies `f` to each element as an integer.
#[inline(always)]
unsafe fn whole(run: Run, f: impl Fn(i32, i32) -> i32) {
    unsafe { scalar(run, |x, y| f32::from_bits(f(x.to_bits() as i32, y.to_bits() as i32) as u32)) }
}

/// A truth value of two integers.
#[inline(always)]
unsafe fn whether(run: Run, f: impl Fn(i32, i32) -> bool) {
    unsafe { scalar(run, |x, y| f32::from(f(x.to_bits() as i32, y.to_bits() as i32))) }
}

/// One where the mask holds.
#[inline(always)]
unsafe fn bit<L: Lanes>(mask: L::Mask) -> L {
    unsafe { L::pick(mask, L::splat(1.0), L::splat(0.0)) }
}

#[inline(always)]
unsafe fn not<L: Lanes>(x: L) -> L {
    unsafe { L::splat(1.0).sub(x) }
}

/// Sine or cosine; elements too large for lanes are done one by one.
#[inline(always)]
unsafe fn wave<L: Lanes>(run: Run, turn: f32, exact: fn(f64) -> f64) {
    unsafe {
        let far = (0..run.n).any(|i| (*run.from[0].add(i)).abs() > math::TURNS);
        if far {
            scalar(run, |x, _| exact(f64::from(x)) as f32);
        } else {
            each!(run, |x| math::wave(x, turn));
        }
    }
}

#[inline(always)]
unsafe fn generic<L: Lanes>(code: Code, run: Run) {
    unsafe {
        let zero = L::splat(0.0);
        let one = L::splat(1.0);
        match code {
            Code::Neg => each!(run, |x| x.xor(L::splat(-0.0))),
            Code::Abs => each!(run, |x| math::abs(x)),
            Code::Sign => each!(run, |x| {
                let down = L::pick(x.lt(zero), L::splat(-1.0), x);
                L::pick(zero.lt(x), one, down)
            }),
            Code::Floor => each!(run, |x| x.floor()),
            Code::Exp => each!(run, |x| math::exp(x)),
            Code::Log => each!(run, |x| math::log(x)),
            Code::Log1p => each!(run, |x| math::log1p(x)),
            Code::Expm1 => each!(run, |x| math::expm1(x)),
            Code::Sqrt => each!(run, |x| x.sqrt()),
            Code::Sin => wave::<L>(run, 0.0, f64::sin),
            Code::Cos => wave::<L>(run, 1.0, f64::cos),
            Code::Tanh => each!(run, |x| math::tanh(x)),
            Code::Sigmoid => each!(run, |x| math::sigmoid(x)),
            Code::Softplus => each!(run, |x| math::softplus(x)),
            Code::Erf => each!(run, |x| math::erf(x)),
            Code::Add => pair!(run, |x, y| x.add(y)),
            Code::Sub => pair!(run, |x, y| x.sub(y)),
            Code::Mul => pair!(run, |x, y| x.mul(y)),
            Code::Div => pair!(run, |x, y| x.div(y)),
            // Not-a-number goes on from either side.
            Code::Max => pair!(run, |x, y| L::pick(x.eq(x), x.high(y), x)),
            Code::Min => pair!(run, |x, y| L::pick(x.eq(x), x.low(y), x)),
            Code::Fma => pair_and!(run, |x, y, z| x.fma(y, z)),
            Code::Fnma => pair_and!(run, |x, y, z| x.xor(L::splat(-0.0)).fma(y, z)),
            Code::Not => each!(run, |x| not(x)),
            Code::Eq => pair!(run, |x, y| bit(x.eq(y))),
            Code::Ne => each!(run, |x, y| not(bit::<L>(x.eq(y)))),
            Code::Lt => pair!(run, |x, y| bit(x.lt(y))),
            Code::Le => each!(run, |x, y| bit(x.le(y))),
            Code::Gt => pair!(run, |x, y| bit(y.lt(x))),
            Code::Ge => each!(run, |x, y| bit(y.le(x))),
            Code::And => each!(run, |x, y| x.mul(y)),
            Code::Or => each!(run, |x, y| x.high(y)),
            Code::Select => each!(run, |c, x, y| L::pick(c.eq(zero), y, x)),
            Code::Truth => each!(run, |x| L::pick(x.eq(zero), zero, one)),
            _ => others(code, run),
        }
    }
}

/// Integers, and functions that are rare enough to be done one by one.
#[inline(always)]
unsafe fn others(code: Code, run: Run) {
    unsafe {
        match code {
            Code::Lgamma => scalar(run, |x, _| special::lgamma(f64::from(x)) as f32),
            Code::Digamma => scalar(run, |x, _| special::digamma(f64::from(x)) as f32),
            Code::Pow => scalar(run, |x, y| f64::from(x).powf(f64::from(y)) as f32),
            Code::Trunc => scalar(run, |x, _| f32::from_bits(x as i32 as u32)),
            Code::Float => scalar(run, |x, _| x.to_bits() as i32 as f32),
            Code::ITruth => whether(run, |x, _| x != 0),
            Code::INeg => whole(run, |x, _| x.wrapping_neg()),
            Code::IAbs => whole(run, |x, _| x.wrapping_abs()),
            Code::ISign => whole(run, |x, _| x.signum()),
            Code::IAdd => whole(run, i32::wrapping_add),
            Code::ISub => whole(run, i32::wrapping_sub),
            Code::IMul => whole(run, i32::wrapping_mul),
            Code::IDiv => whole(run, floor_div),
            Code::IMax => whole(run, i32::max),
            Code::IMin => whole(run, i32::min),
            Code::IEq => whether(run, |x, y| x == y),
            Code::INe => whether(run, |x, y| x != y),
            Code::ILt => whether(run, |x, y| x < y),
            Code::ILe => whether(run, |x, y| x <= y),
            Code::IGt => whether(run, |x, y| x > y),
            Code::IGe => whether(run, |x, y| x >= y),
            code => unreachable!("{code:?} is done on lanes"),
        }
    }
}

/// Rounded towards minus infinity; by zero: zero.
fn floor_div(x: i32, y: i32) -> i32 {
    if y == 0 {
        return 0;
    }
    let q = x.wrapping_div(y);
    if x.wrapping_rem(y) != 0 && (x < 0) != (y < 0) { q - 1 } else { q }
}

/// What a fold starts from.
pub fn start(how: How, integer: bool) -> f32 {
    let bits = |x: i32| f32::from_bits(x as u32);
    match (how, integer) {
        (How::Sum, _) => 0.0,
        (How::Prod, false) => 1.0,
        (How::Max, false) => f32::NEG_INFINITY,
        (How::Min, false) => f32::INFINITY,
        (How::Prod, true) => bits(1),
        (How::Max, true) => bits(i32::MIN),
        (How::Min, true) => bits(i32::MAX),
    }
}

/// The operation that joins two partial results.
pub fn join(how: How, integer: bool) -> Code {
    match (how, integer) {
        (How::Sum, false) => Code::Add,
        (How::Prod, false) => Code::Mul,
        (How::Max, false) => Code::Max,
        (How::Min, false) => Code::Min,
        (How::Sum, true) => Code::IAdd,
        (How::Prod, true) => Code::IMul,
        (How::Max, true) => Code::IMax,
        (How::Min, true) => Code::IMin,
    }
}

/// Folds a run of elements: 16 partial results side by side, then halves added to halves.
///
/// # Safety
/// As for [`run`].
pub unsafe fn fold(isa: Isa, how: How, integer: bool, from: *const f32, n: usize) -> f32 {
    unsafe {
        let code = join(how, integer);
        let mut part = [start(how, integer); WIDE];
        let whole = n / WIDE * WIDE;
        if integer || how != How::Sum {
            for i in (0..whole).step_by(WIDE) {
                step(isa, code, &mut part, from.add(i), WIDE);
            }
        } else {
            sum(isa, &mut part, from, whole);
        }
        let rest = std::slice::from_raw_parts(from.add(whole), n - whole);
        match (how, integer) {
            (How::Sum, false) => halve(&mut part, rest, |x, y| x + y),
            (How::Prod, false) => halve(&mut part, rest, |x, y| x * y),
            (How::Max, false) => {
                halve(&mut part, rest, |x, y| if x.is_nan() || x > y { x } else { y })
            }
            (How::Min, false) => {
                halve(&mut part, rest, |x, y| if x.is_nan() || x < y { x } else { y })
            }
            _ => halve(&mut part, rest, |mut x, y| {
                let to: *mut f32 = &mut x;
                generic::<Plain>(code, Run::new(to, [to.cast_const(), &y, &y], 1));
                x
            }),
        }
    }
}

/// What is left of a run joined to the partial results, and these in halves. A call for each step
/// would cost more than the step.
#[inline(always)]
fn halve(part: &mut [f32; WIDE], rest: &[f32], join: impl Fn(f32, f32) -> f32) -> f32 {
    part.iter_mut().zip(rest).for_each(|(x, y)| *x = join(*x, *y));
    let mut width = WIDE / 2;
    while width > 0 {
        (0..width).for_each(|i| part[i] = join(part[i], part[i + width]));
        width /= 2;
    }
    part[0]
}

/// `part[i] = join(part[i], from[i])`.
unsafe fn step(isa: Isa, code: Code, part: &mut [f32], from: *const f32, n: usize) {
    let to = part.as_mut_ptr();
    unsafe { run(isa, code, Run::new(to, [to, from, from], n)) }
}

unsafe fn sum(isa: Isa, part: &mut [f32; WIDE], from: *const f32, n: usize) {
    unsafe {
        match isa {
            Isa::Plain => sum_lanes::<Plain>(part, from, n),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => sum_avx2(part, from, n),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => sum_avx512(part, from, n),
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn sum_avx2(part: &mut [f32; WIDE], from: *const f32, n: usize) {
    unsafe { sum_lanes::<std::arch::x86_64::__m256>(part, from, n) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
unsafe fn sum_avx512(part: &mut [f32; WIDE], from: *const f32, n: usize) {
    unsafe { sum_lanes::<std::arch::x86_64::__m512>(part, from, n) }
}

#[inline(always)]
unsafe fn sum_lanes<L: Lanes>(part: &mut [f32; WIDE], from: *const f32, n: usize) {
    unsafe {
        for lane in (0..WIDE).step_by(L::N) {
            let mut sum = L::load(part.as_ptr().add(lane));
            let mut i = lane;
            while i < n {
                sum = sum.add(L::load(from.add(i)));
                i += WIDE;
            }
            sum.store(part.as_mut_ptr().add(lane));
        }
    }
}
