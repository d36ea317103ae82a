//! Lanes of reals. In: an instruction set. Out: the same few operations on vectors of it, with the
//! same bits on each: fused multiply-add is always explicit.
//!
//! Every function here is unsafe for one reason: the instruction set of its lanes must exist on this
//! machine. `lanes::of` chooses functions by `Isa`, and `Isa::available` asks the processor.

#![allow(unsafe_op_in_unsafe_fn, reason = "one reason for all of them, stated above")]

/// A vector of reals and what can be done with it.
///
/// # Safety
/// The methods of an implementation may run only where its instruction set exists; pointers must
/// reach over [`Lanes::N`] elements.
#[allow(clippy::missing_safety_doc, reason = "stated once, above")]
pub unsafe trait Lanes: Copy {
    /// A truth value per lane.
    type Mask: Copy;
    /// Number of lanes.
    const N: usize;
    unsafe fn splat(x: f32) -> Self;
    unsafe fn load(p: *const f32) -> Self;
    unsafe fn store(self, p: *mut f32);
    unsafe fn add(self, o: Self) -> Self;
    unsafe fn sub(self, o: Self) -> Self;
    unsafe fn mul(self, o: Self) -> Self;
    unsafe fn div(self, o: Self) -> Self;
    /// `self * a + b`, rounded once.
    unsafe fn fma(self, a: Self, b: Self) -> Self;
    /// `o` where either is not a number.
    unsafe fn low(self, o: Self) -> Self;
    /// `o` where either is not a number.
    unsafe fn high(self, o: Self) -> Self;
    unsafe fn sqrt(self) -> Self;
    unsafe fn floor(self) -> Self;
    /// To the nearest integer, ties to even.
    unsafe fn round(self) -> Self;
    /// `self * 2^n`, `n` an integer from -252 to 254, rounded once.
    unsafe fn scale(self, n: Self) -> Self;
    unsafe fn and(self, o: Self) -> Self;
    unsafe fn or(self, o: Self) -> Self;
    unsafe fn xor(self, o: Self) -> Self;
    /// Difference of the bits as integers.
    unsafe fn bits_sub(self, o: Self) -> Self;
    /// The bits as an integer, divided by 2^23 and rounded down, as a real.
    unsafe fn exponent(self) -> Self;
    /// `self` as an integer, times 2^23, as bits.
    unsafe fn to_exponent(self) -> Self;
    unsafe fn lt(self, o: Self) -> Self::Mask;
    unsafe fn le(self, o: Self) -> Self::Mask;
    unsafe fn eq(self, o: Self) -> Self::Mask;
    /// `a` where the mask holds, else `b`.
    unsafe fn pick(mask: Self::Mask, a: Self, b: Self) -> Self;
}

/// Methods that are one instruction each.
macro_rules! wrap {
    ($($name:ident($($arg:ident),*) = $f:path;)*) => {
        $(#[inline(always)] unsafe fn $name(self, $($arg: Self),*) -> Self {
            $f(self, $($arg),*)
        })*
    };
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Lanes;
    use std::arch::x86_64::*;

    // Safety: instructions of avx512f and avx512dq, and pointers as the trait says.
    unsafe impl Lanes for __m512 {
        type Mask = __mmask16;
        const N: usize = 16;
        wrap! {
            add(o) = _mm512_add_ps;
            sub(o) = _mm512_sub_ps;
            mul(o) = _mm512_mul_ps;
            div(o) = _mm512_div_ps;
            fma(a, b) = _mm512_fmadd_ps;
            low(o) = _mm512_min_ps;
            high(o) = _mm512_max_ps;
            sqrt() = _mm512_sqrt_ps;
            scale(n) = _mm512_scalef_ps;
            and(o) = _mm512_and_ps;
            or(o) = _mm512_or_ps;
            xor(o) = _mm512_xor_ps;
        }
        #[inline(always)]
        unsafe fn splat(x: f32) -> Self {
            _mm512_set1_ps(x)
        }
        #[inline(always)]
        unsafe fn load(p: *const f32) -> Self {
            _mm512_loadu_ps(p)
        }
        #[inline(always)]
        unsafe fn store(self, p: *mut f32) {
            _mm512_storeu_ps(p, self)
        }
        #[inline(always)]
        unsafe fn floor(self) -> Self {
            _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(self)
        }
        #[inline(always)]
        unsafe fn round(self) -> Self {
            _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(self)
        }
        #[inline(always)]
        unsafe fn bits_sub(self, o: Self) -> Self {
            let d = _mm512_sub_epi32(_mm512_castps_si512(self), _mm512_castps_si512(o));
            _mm512_castsi512_ps(d)
        }
        #[inline(always)]
        unsafe fn exponent(self) -> Self {
            _mm512_cvtepi32_ps(_mm512_srai_epi32::<23>(_mm512_castps_si512(self)))
        }
        #[inline(always)]
        unsafe fn to_exponent(self) -> Self {
            _mm512_castsi512_ps(_mm512_slli_epi32::<23>(_mm512_cvtps_epi32(self)))
        }
        #[inline(always)]
        unsafe fn lt(self, o: Self) -> __mmask16 {
            _mm512_cmp_ps_mask::<_CMP_LT_OQ>(self, o)
        }
        #[inline(always)]
        unsafe fn le(self, o: Self) -> __mmask16 {
            _mm512_cmp_ps_mask::<_CMP_LE_OQ>(self, o)
        }
        #[inline(always)]
        unsafe fn eq(self, o: Self) -> __mmask16 {
            _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(self, o)
        }
        #[inline(always)]
        unsafe fn pick(mask: __mmask16, a: Self, b: Self) -> Self {
            _mm512_mask_blend_ps(mask, b, a)
        }
    }

    // Safety: instructions of avx2 and fma, and pointers as the trait says.
    unsafe impl Lanes for __m256 {
        type Mask = __m256;
        const N: usize = 8;
        wrap! {
            add(o) = _mm256_add_ps;
            sub(o) = _mm256_sub_ps;
            mul(o) = _mm256_mul_ps;
            div(o) = _mm256_div_ps;
            fma(a, b) = _mm256_fmadd_ps;
            low(o) = _mm256_min_ps;
            high(o) = _mm256_max_ps;
            sqrt() = _mm256_sqrt_ps;
            floor() = _mm256_floor_ps;
            and(o) = _mm256_and_ps;
            or(o) = _mm256_or_ps;
            xor(o) = _mm256_xor_ps;
        }
        #[inline(always)]
        unsafe fn splat(x: f32) -> Self {
            _mm256_set1_ps(x)
        }
        #[inline(always)]
        unsafe fn load(p: *const f32) -> Self {
            _mm256_loadu_ps(p)
        }
        #[inline(always)]
        unsafe fn store(self, p: *mut f32) {
            _mm256_storeu_ps(p, self)
        }
        #[inline(always)]
        unsafe fn round(self) -> Self {
            _mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(self)
        }
        #[inline(always)]
        unsafe fn scale(self, n: Self) -> Self {
            // In two steps, the first of which is exact.
            let n = _mm256_cvtps_epi32(n);
            let half = _mm256_srai_epi32::<1>(n);
            let one = _mm256_set1_epi32(127);
            let power = |n| _mm256_castsi256_ps(_mm256_slli_epi32::<23>(_mm256_add_epi32(n, one)));
            let first = _mm256_mul_ps(self, power(half));
            _mm256_mul_ps(first, power(_mm256_sub_epi32(n, half)))
        }
        #[inline(always)]
        unsafe fn bits_sub(self, o: Self) -> Self {
            let d = _mm256_sub_epi32(_mm256_castps_si256(self), _mm256_castps_si256(o));
            _mm256_castsi256_ps(d)
        }
        #[inline(always)]
        unsafe fn exponent(self) -> Self {
            _mm256_cvtepi32_ps(_mm256_srai_epi32::<23>(_mm256_castps_si256(self)))
        }
        #[inline(always)]
        unsafe fn to_exponent(self) -> Self {
            _mm256_castsi256_ps(_mm256_slli_epi32::<23>(_mm256_cvtps_epi32(self)))
        }
        #[inline(always)]
        unsafe fn lt(self, o: Self) -> __m256 {
            _mm256_cmp_ps::<_CMP_LT_OQ>(self, o)
        }
        #[inline(always)]
        unsafe fn le(self, o: Self) -> __m256 {
            _mm256_cmp_ps::<_CMP_LE_OQ>(self, o)
        }
        #[inline(always)]
        unsafe fn eq(self, o: Self) -> __m256 {
            _mm256_cmp_ps::<_CMP_EQ_OQ>(self, o)
        }
        #[inline(always)]
        unsafe fn pick(mask: __m256, a: Self, b: Self) -> Self {
            _mm256_blendv_ps(b, a, mask)
        }
    }
}

/// Lanes without any instruction set: what the compiler makes of loops over arrays.
#[derive(Clone, Copy)]
pub struct Plain([f32; 8]);

#[inline(always)]
fn zip(a: Plain, b: Plain, f: impl Fn(f32, f32) -> f32) -> Plain {
    Plain(std::array::from_fn(|i| f(a.0[i], b.0[i])))
}

#[inline(always)]
fn zip_bits(a: Plain, b: Plain, f: impl Fn(u32, u32) -> u32) -> Plain {
    zip(a, b, |x, y| f32::from_bits(f(x.to_bits(), y.to_bits())))
}

/// `2^n` for `n` from -126 to 127.
fn power(n: i32) -> f32 {
    f32::from_bits(((n + 127) as u32) << 23)
}

macro_rules! zips {
    ($($name:ident = $f:expr;)*) => {
        $(#[inline(always)] unsafe fn $name(self, o: Self) -> Self { zip(self, o, $f) })*
    };
}

macro_rules! maps {
    ($($name:ident = $f:expr;)*) => {
        $(#[inline(always)] unsafe fn $name(self) -> Self { Plain(self.0.map($f)) })*
    };
}

// Safety: no instructions but those of every machine.
unsafe impl Lanes for Plain {
    type Mask = [bool; 8];
    const N: usize = 8;
    zips! {
        add = |x, y| x + y;
        sub = |x, y| x - y;
        mul = |x, y| x * y;
        div = |x, y| x / y;
        low = |x, y| if x < y { x } else { y };
        high = |x, y| if x > y { x } else { y };
        scale = |x, n| {
            let n = n as i32;
            x * power(n >> 1) * power(n - (n >> 1))
        };
    }
    maps! {
        sqrt = f32::sqrt;
        floor = f32::floor;
        round = f32::round_ties_even;
        exponent = |x| ((x.to_bits() as i32) >> 23) as f32;
        to_exponent = |x| f32::from_bits((x as i32 as u32) << 23);
    }
    #[inline(always)]
    unsafe fn splat(x: f32) -> Self {
        Plain([x; 8])
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> Self {
        Plain(p.cast::<[f32; 8]>().read_unaligned())
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32) {
        p.cast::<[f32; 8]>().write_unaligned(self.0)
    }
    #[inline(always)]
    unsafe fn fma(self, a: Self, b: Self) -> Self {
        Plain(std::array::from_fn(|i| self.0[i].mul_add(a.0[i], b.0[i])))
    }
    #[inline(always)]
    unsafe fn and(self, o: Self) -> Self {
        zip_bits(self, o, |x, y| x & y)
    }
    #[inline(always)]
    unsafe fn or(self, o: Self) -> Self {
        zip_bits(self, o, |x, y| x | y)
    }
    #[inline(always)]
    unsafe fn xor(self, o: Self) -> Self {
        zip_bits(self, o, |x, y| x ^ y)
    }
    #[inline(always)]
    unsafe fn bits_sub(self, o: Self) -> Self {
        zip_bits(self, o, u32::wrapping_sub)
    }
    #[inline(always)]
    unsafe fn lt(self, o: Self) -> [bool; 8] {
        std::array::from_fn(|i| self.0[i] < o.0[i])
    }
    #[inline(always)]
    unsafe fn le(self, o: Self) -> [bool; 8] {
        std::array::from_fn(|i| self.0[i] <= o.0[i])
    }
    #[inline(always)]
    unsafe fn eq(self, o: Self) -> [bool; 8] {
        std::array::from_fn(|i| self.0[i] == o.0[i])
    }
    #[inline(always)]
    unsafe fn pick(mask: [bool; 8], a: Self, b: Self) -> Self {
        Plain(std::array::from_fn(|i| if mask[i] { a.0[i] } else { b.0[i] }))
    }
}

/// The instruction sets that there is code for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isa {
    /// None in particular.
    Plain,
    /// AVX2 with FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX-512 F and DQ.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Isa {
    /// Those that this machine has, the best last.
    pub fn available() -> Vec<Isa> {
        let mut found = vec![Isa::Plain];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                found.push(Isa::Avx2);
            }
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
                found.push(Isa::Avx512);
            }
        }
        found
    }
    /// The best that this machine has.
    pub fn best() -> Isa {
        *Isa::available().last().expect("one always exists")
    }
}
