// Zero, in a variable, so that constants made with it are not evaluated in advance.
var<private> zero_bits: u32 = 0u;

// The real with these bits, which may be those of an infinity or of not-a-number.
fn word_f(bits: u32) -> f32 {
    return bitcast<f32>(bits ^ zero_bits);
}

// The bits of the absolute value.
fn size_bits(x: f32) -> u32 {
    return bitcast<u32>(x) & 0x7fffffffu;
}

// Whether x is not-a-number.
fn is_nan(x: f32) -> bool {
    return size_bits(x) > 0x7f800000u;
}

// The size of x with the sign of y. Not by masks of bits: Mesa 22.3 now and then joins them wrongly
// with a choice that follows.
fn copy_sign(x: f32, y: f32) -> f32 {
    let size = abs(x);
    return select(size, -size, bitcast<i32>(y) < 0);
}

// The leading 12 binary digits of x, cut off: products of two such reals are exact.
fn high_part(x: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u);
}

// 2^n for n from -126 to 127.
fn power_of_two(n: i32) -> f32 {
    return bitcast<f32>(u32(n + 127) << 23u);
}

// x * 2^n for x from 1/2 to 2 and n from -240 to 240. One factor goes into the exponent, so that no
// compiler joins the two.
fn scale_by(x: f32, n: i32) -> f32 {
    let half = n >> 1u;
    let first = bitcast<f32>(bitcast<u32>(x) + (bitcast<u32>(half) << 23u));
    return first * power_of_two(n - half);
}

// Bits of a real as an integer in the order of the reals.
fn order_key(x: f32) -> i32 {
    let b = bitcast<i32>(x);
    return b ^ ((b >> 31u) & 0x7fffffff);
}

// The larger one; not-a-number from either side goes through.
fn max_f(x: f32, y: f32) -> f32 {
    let larger = select(y, x, order_key(x) > order_key(y));
    return select(select(larger, y, is_nan(y)), x, is_nan(x));
}

// The smaller one; not-a-number from either side goes through.
fn min_f(x: f32, y: f32) -> f32 {
    let smaller = select(y, x, order_key(x) < order_key(y));
    return select(select(smaller, y, is_nan(y)), x, is_nan(x));
}

// The absolute value.
fn abs_f(x: f32) -> f32 {
    return bitcast<f32>(size_bits(x));
}

// The sign as -1 or 1; zeros and not-a-number as they are.
fn sign_f(x: f32) -> f32 {
    let same = (size_bits(x) == 0u) | is_nan(x);
    return select(copy_sign(1.0, x), x, same);
}

// Rounded towards minus infinity.
fn floor_f(x: f32) -> f32 {
    let b = bitcast<u32>(x);
    let below_zero = (b > 0x80000000u) & (b < 0xbf800000u);
    return select(select(floor(x), -1.0, below_zero), x, (b & 0x7fffffffu) >= 0x4b000000u);
}

// The square root; subnormal numbers are taken from their bits.
fn sqrt_f(x: f32) -> f32 {
    let b = bitcast<u32>(x);
    let same = ((b << 1u) == 0u) | (b == 0x7f800000u) | is_nan(x);
    let tiny = b < 0x00800000u;
    let root = sqrt(select(select(x, f32(b) * 2.0, tiny), 1.0, (b >> 31u) != 0u));
    let y = select(root, root * power_of_two(-75), tiny);
    return select(select(y, word_f(0x7fc00000u), (b >> 31u) != 0u), x, same);
}

// x = n ln 2 + r: exp(r) - 1 and n, for x from -105 to 90. The second product takes n doubled, so
// that no compiler joins it with the first, which is exact.
fn exp_split(x: f32) -> vec2<f32> {
    let n = round(x * 1.44269504);
    let twice = f32(i32(n) * 2);
    let r = fma(twice, 1.0609722e-4, fma(n, -0.693359375, x));
    var p = fma(1.98756915e-4, r, 1.39819995e-3);
    p = fma(p, r, 8.3334519e-3);
    p = fma(p, r, 4.1665796e-2);
    p = fma(p, r, 1.66666655e-1);
    p = fma(p, r, 5.0000001e-1);
    return vec2<f32>(fma(p, r * r, r), n);
}

// The exponential.
fn exp_f(x: f32) -> f32 {
    let part = exp_split(clamp(x, -104.5, 89.0));
    return select(scale_by(part.x + 1.0, i32(part.y)), x, is_nan(x));
}

// exp(x) - 1.
fn expm1_f(x: f32) -> f32 {
    let part = exp_split(clamp(x, -30.0, 89.0));
    let half = scale_by(0.5, i32(part.y));
    let sum = fma(part.x, half, half - 0.5);
    return select(sum + sum, x, (size_bits(x) < 0x33800000u) | is_nan(x));
}

// log(1 + f) plus e ln 2, for 1 + f between sqrt(1/2) and sqrt(2).
fn log_near(f: f32, e: f32) -> f32 {
    var p = fma(7.0376836e-2, f, -1.15146103e-1);
    p = fma(p, f, 1.1676999e-1);
    p = fma(p, f, -1.2420141e-1);
    p = fma(p, f, 1.4249323e-1);
    p = fma(p, f, -1.6668058e-1);
    p = fma(p, f, 2.0000715e-1);
    p = fma(p, f, -2.4999994e-1);
    p = fma(p, f, 3.3333331e-1);
    let ff = f * f;
    let y = fma(e, -2.1219444e-4, p * ff * f);
    return fma(e, 0.693359375, f + fma(-0.5, ff, y));
}

// The power of two to take off a normal number with these bits, to leave one near 1.
fn near_power(bits: u32) -> i32 {
    return bitcast<i32>(bits - 0x3f3504f3u) >> 23u;
}

// The logarithm of a positive finite number, given by its bits.
fn log_bits(bits: u32) -> f32 {
    let tiny = bits < 0x00800000u;
    let normal = select(bits, bitcast<u32>(f32(bits)), tiny);
    let e = near_power(normal);
    let m = bitcast<f32>(normal - (bitcast<u32>(e) << 23u));
    return log_near(m - 1.0, f32(e - select(0, 149, tiny)));
}

// The natural logarithm.
fn log_f(x: f32) -> f32 {
    let b = bitcast<u32>(x);
    let real = select(log_bits(b), word_f(0x7fc00000u), (b >> 31u) != 0u);
    let whole = select(real, word_f(0xff800000u), (b << 1u) == 0u);
    return select(whole, x, (b == 0x7f800000u) | is_nan(x));
}

// log(1 + x). From 1 + x only a power of two is taken; what is left follows from x itself.
fn log1p_f(x: f32) -> f32 {
    let b = bitcast<u32>(x);
    let out = b >= 0xbf800000u;
    let large = (b >= 0x4c000000u) & (b <= 0x7f800000u);
    let inside = select(x, 1.0, out | large);
    let e = near_power(bitcast<u32>(inside + 1.0));
    let s = power_of_two(-e);
    let near = log_near(fma(inside, s, s - 1.0), f32(e));
    let far = select(near, log_f(x), large);
    let edge = word_f(select(0x7fc00000u, 0xff800000u, b == 0xbf800000u));
    return select(select(far, edge, out), x, ((b & 0x7fffffffu) < 0x33800000u) | is_nan(x));
}

// log(1 + t) for t from 0 to 1.
fn log1p_unit(t: f32) -> f32 {
    let big = t > 0.41421357;
    return log_near(select(t, (t - 1.0) * 0.5, big), select(0.0, 1.0, big));
}

// log(1 + exp(x)).
fn softplus_f(x: f32) -> f32 {
    let y = max(x, 0.0) + log1p_unit(exp_f(-abs(x)));
    return select(y, x, is_nan(x));
}

// 1 / (1 + exp(-x)).
fn sigmoid_f(x: f32) -> f32 {
    let e = exp_f(-abs(x));
    let top = select(1.0, e, (bitcast<u32>(x) >> 31u) != 0u);
    return top / (e + 1.0);
}

// The hyperbolic tangent.
fn tanh_f(x: f32) -> f32 {
    let size = min(abs(x), 10.0);
    let t = expm1_f(size + size);
    return select(copy_sign(t / (t + 2.0), x), x, (size_bits(x) < 0x39800000u) | is_nan(x));
}

// The error function for sizes t from 0.92 on.
fn erf_far(t: f32) -> f32 {
    var r = fma(t, -1.7285347e-5, 3.831972e-4);
    let u = fma(t, -3.883964e-3, 2.4254622e-2);
    r = fma(r, t * t, u);
    r = fma(r, t, -1.0677788e-1);
    r = fma(r, t, -6.348467e-1);
    r = fma(r, t, -1.2871751e-1);
    return 1.0 - exp_f(fma(r, t, -t));
}

// The error function.
fn erf_f(x: f32) -> f32 {
    let t = min(abs(x), 6.0);
    let far = copy_sign(erf_far(t), x);
    let s = t * t;
    var p = fma(s, -5.967617e-4, 4.9911942e-3);
    p = fma(p, s, -2.6768135e-2);
    p = fma(p, s, 1.1281993e-1);
    p = fma(p, s, -3.7612534e-1);
    p = fma(p, s, 1.2837917e-1);
    // Of a tiny x, p * x alone could be too small for a number.
    let near = select(fma(p, x, x), x * 1.1283792, t < 1e-18);
    let y = select(near, far, t > 0.927734375);
    return select(y, x, is_nan(x));
}

// What is left of x after whole quarter turns, and their number, for sizes up to 20000. Products
// of the number with the first four parts of a quarter turn, 10 binary digits each, are exact.
fn turn_near(x: f32) -> vec2<f32> {
    let n = round(x * 0.63661975);
    let twice = f32(i32(n) * 2);
    var r = fma(n, -1.5703125, x);
    r = fma(twice, -2.41756439208984375e-4, r);
    r = fma(n, -3.1385570764541625977e-7, r);
    r = fma(twice, -3.03543856716679799e-11, r);
    r = fma(n, -6.2233719696699885e-14, r);
    return vec2<f32>(r, n);
}

// Upper half of the product of two words.
fn mul_high(a: u32, b: u32) -> u32 {
    let al = a & 0xffffu;
    let ah = a >> 16u;
    let bl = b & 0xffffu;
    let bh = b >> 16u;
    let middle = ah * bl + ((al * bl) >> 16u);
    let other = al * bh + (middle & 0xffffu);
    return ah * bh + (middle >> 16u) + (other >> 16u);
}

// The upper word of two, shifted up by less than 32 places.
fn shift_pair(a: u32, b: u32, places: u32) -> u32 {
    return (a << places) | ((b >> 1u) >> (31u - places));
}

// Words of 2 / pi as a binary fraction, after one word of zeros.
fn two_over_pi(i: u32) -> u32 {
    switch i {
        case 0u: { return 0u; }
        case 1u: { return 0xa2f9836eu; }
        case 2u: { return 0x4e441529u; }
        case 3u: { return 0xfc2757d1u; }
        case 4u: { return 0xf534ddc0u; }
        case 5u: { return 0xdb629599u; }
        case 6u: { return 0x3c439041u; }
        default: { return 0xfe5163abu; }
    }
}

// The digits of x * 2 / pi from weight 2 downwards in two words, less multiples of 4 quarter
// turns, for sizes from 2^14 on: digits of 2 / pi that only add such multiples are left out.
fn turn_digits(x: f32) -> vec3<u32> {
    let place = (size_bits(x) >> 23u) - 120u;
    let i = place >> 5u;
    let shift = place & 31u;
    let m = (bitcast<u32>(x) & 0x7fffffu) | 0x800000u;
    let a = two_over_pi(i);
    let b = two_over_pi(i + 1u);
    let c = two_over_pi(i + 2u);
    let v1 = shift_pair(b, c, shift);
    let v2 = shift_pair(c, two_over_pi(i + 3u), shift);
    let first = m * v1;
    let middle = first + mul_high(m, v2);
    let carry = select(0u, 1u, middle < first);
    let top = m * shift_pair(a, b, shift) + mul_high(m, v1) + carry;
    return vec3<u32>(top, middle, m * v2);
}

// What is left of x after whole quarter turns, and their number modulo 4, for sizes from 2^14 on.
fn turn_far(x: f32) -> vec2<f32> {
    let d = turn_digits(x);
    var high = shift_pair(d.x, d.y, 2u);
    var low = shift_pair(d.y, d.z, 2u);
    let up = high >> 31u;
    high = select(high, ~high, up == 1u);
    low = select(low, ~low, up == 1u);
    let zeros = min(countLeadingZeros(high), 31u);
    let fraction = f32(shift_pair(high, low, zeros)) * power_of_two(-32 - i32(zeros));
    let size = fraction * 1.57079633;
    let count = f32((d.x >> 30u) + up);
    let sign = bitcast<u32>(x) & 0x80000000u;
    let r = bitcast<f32>(bitcast<u32>(size) ^ sign ^ (up << 31u));
    return vec2<f32>(r, copy_sign(count, x));
}

// Sine (turn 0) or cosine (turn 1).
fn wave_f(x: f32, turn: i32) -> f32 {
    let b = size_bits(x);
    var left: vec2<f32>;
    if b > 0x469c4000u {
        left = turn_far(x);
    } else {
        left = turn_near(x);
    }
    let r = left.x;
    let rr = r * r;
    let sine = fma(fma(-1.9515296e-4, rr, 8.332161e-3), rr, -1.6666655e-1);
    let cosine = fma(fma(2.4433157e-5, rr, -1.3887316e-3), rr, 4.1666646e-2);
    let odd = fma(cosine, rr * rr, fma(rr, -0.5, 1.0));
    let even = fma(sine, rr * r, r);
    let quarter = i32(left.y) + turn;
    let y = select(even, odd, (quarter & 1) != 0);
    let signed = select(y, -y, (quarter & 2) != 0);
    return select(signed, word_f(0x7fc00000u), b >= 0x7f800000u);
}

// The sine.
fn sin_f(x: f32) -> f32 {
    return select(wave_f(x, 0), x, size_bits(x) < 0x39800000u);
}

// The cosine.
fn cos_f(x: f32) -> f32 {
    return wave_f(x, 1);
}

// s = (m - 1) / (m + 1) as the sum of 12 leading digits and a rest. The doubled digits come from
// integers, so that no compiler joins the two products with them.
fn log2_ratio(m: f32) -> vec2<f32> {
    let u = m - 1.0;
    let below = m + 1.0;
    let sh = high_part(u / below);
    let twice = bitcast<f32>(bitcast<u32>(sh) + 0x00800000u);
    let uh = high_part(u);
    let rest = fma(-sh, uh, u - twice) - twice * (u - uh) * 0.5;
    return vec2<f32>(sh, rest / below);
}

// The logarithm to base 2 of a positive finite number, given by its bits: 12 digits and a rest.
fn log2_split(bits: u32) -> vec2<f32> {
    let tiny = bits < 0x00800000u;
    let normal = select(bits, bitcast<u32>(f32(bits)), tiny);
    let e = near_power(normal);
    let n = f32(e - select(0, 149, tiny));
    let ratio = log2_ratio(bitcast<f32>(normal - (bitcast<u32>(e) << 23u)));
    let sh = ratio.x;
    let s = sh + ratio.y;
    let ss = s * s;
    var r = fma(fma(0.23076923, ss, 0.27272727), ss, 0.33333333);
    r = fma(fma(r, ss, 0.42857143), ss, 0.6) * ss * ss;
    r = fma(ratio.y, sh + s, r);
    let square = sh * sh;
    let th = high_part(3.0 + square + r);
    let tl = r - ((th - 3.0) - square);
    let lead = sh * th;
    let tail = fma(ratio.y, th, tl * s);
    let ph = high_part(lead + tail);
    let pl = tail - (ph - lead);
    let zh = ph * 0.9619140625;
    let zl = fma(ph, -1.1736857402e-4, pl * 0.96179670);
    let high = high_part((zh + zl) + n);
    return vec2<f32>(high, zl - ((high - n) - zh));
}

// 2^(n + f) for f from -1/2 to 1/2.
fn exp2_split(n: f32, f: f32) -> f32 {
    var p = fma(1.529732376e-5, f, 1.54614447e-4);
    p = fma(p, f, 1.333350239e-3);
    p = fma(p, f, 9.618056679e-3);
    p = fma(p, f, 5.550410884e-2);
    p = fma(p, f, 2.402265092e-1);
    p = fma(p, f, 6.931471806e-1);
    return scale_by(fma(p, f, 1.0), i32(n));
}

// A number that is not negative, given by its bits, to the power y.
fn pow_bits(bits: u32, y: f32) -> f32 {
    let down = (bitcast<u32>(y) >> 31u) != 0u;
    if (bits == 0u) | (bits == 0x7f800000u) {
        return word_f(select(0u, 0x7f800000u, down == (bits == 0u)));
    }
    let l = log2_split(bits);
    let times = clamp(y, -4294967296.0, 4294967296.0);
    let yh = high_part(times);
    let ph = yh * l.x;
    let pl = fma(times - yh, l.x, times * l.y);
    let z = ph + pl;
    if abs(z) > 160.0 {
        return word_f(select(0x7f800000u, 0u, z < 0.0));
    }
    let n = round(z);
    return exp2_split(n, (ph - n) + pl);
}

// 1 for an odd integer, 2 for an even one, 0 for any other number.
fn parity_f(y: f32) -> i32 {
    let e = i32(size_bits(y) >> 23u) - 127;
    if (e < 0) | (e > 23) {
        return select(0, 2, (e > 23) | (size_bits(y) == 0u));
    }
    let m = (bitcast<u32>(y) & 0x7fffffu) | 0x800000u;
    let places = u32(23 - e);
    if ((m >> places) << places) != m {
        return 0;
    }
    return select(2, 1, ((m >> places) & 1u) != 0u);
}

// x to the power y.
fn pow_f(x: f32, y: f32) -> f32 {
    if (size_bits(y) == 0u) | (bitcast<u32>(x) == 0x3f800000u) {
        return 1.0;
    }
    let b = size_bits(x);
    let parity = parity_f(y);
    let negative = b != bitcast<u32>(x);
    let between = (b != 0u) & (b != 0x7f800000u);
    if is_nan(x) | is_nan(y) | (negative & between & (parity == 0)) {
        return word_f(0x7fc00000u);
    }
    let size = pow_bits(b, y);
    return select(size, -size, negative & (parity == 1));
}

// What is left of x after so many times y, exactly: between 0 and y. In whole numbers: the digits of x
// come down 8 at a time, at most 35 times.
fn rem_f(x: f32, y: f32) -> f32 {
    let size = size_bits(x);
    let most = size_bits(y);
    if most == 0u || size >= 0x7f800000u || most > 0x7f800000u {
        return word_f(0x7fc00000u);
    }
    var bits = size;
    if size >= most {
        let exponent = max(most >> 23u, 1u);
        let divisor = select(most & 0x7fffffu, most & 0x7fffffu | 0x800000u, most >= 0x800000u);
        var left = select(size & 0x7fffffu, size & 0x7fffffu | 0x800000u, size >= 0x800000u) % divisor;
        var places = max(size >> 23u, 1u) - exponent;
        while places > 0u {
            let some = min(places, 8u);
            left = (left << some) % divisor;
            places -= some;
        }
        // Back to 24 digits, or to as many as a subnormal number has.
        let free = min(countLeadingZeros(left) - 8u, exponent - 1u);
        let whole = left << free;
        bits = select(whole, whole + ((exponent - free - 1u) << 23u), whole >= 0x800000u);
    }
    let side = bitcast<u32>(y) & 0x80000000u;
    if bits == 0u || (bitcast<u32>(x) & 0x80000000u) == side {
        return word_f(bits | side);
    }
    let rest = word_f(bits | (side ^ 0x80000000u));
    let shifted = rest + y;
    return select(shifted, word_f(bitcast<u32>(y) - 1u), shifted == y && most < 0x7f800000u);
}

// The logarithm of gamma(1 + z) for z from -1/2 to 1/2.
fn lgamma_one(z: f32) -> f32 {
    var p = fma(0.1662927822, z, -0.1776828818);
    p = fma(p, z, 0.0452779781);
    p = fma(p, z, -0.0505540164);
    p = fma(p, z, 0.1070867072);
    p = fma(p, z, -0.1187445834);
    p = fma(p, z, 0.1248726364);
    p = fma(p, z, -0.1433744658);
    p = fma(p, z, 0.1695843512);
    p = fma(p, z, -0.2074143589);
    p = fma(p, z, 0.2705803788);
    p = fma(p, z, -0.4006851789);
    p = fma(p, z, 0.8224670345);
    return fma(p, z, -0.5772156661) * z;
}

// The logarithm of gamma(2 + z) for z from -1/2 to 1/2.
fn lgamma_two(z: f32) -> f32 {
    var p = fma(-0.0002505620215, z, 0.0005702512503);
    p = fma(p, z, -0.001187484814);
    p = fma(p, z, 0.002878868684);
    p = fma(p, z, -0.007385920885);
    p = fma(p, z, 0.02058162544);
    p = fma(p, z, -0.06735229409);
    p = fma(p, z, 0.322467018);
    return fma(p, z, 0.4227843351) * z;
}

// The logarithm of gamma(x) for x from 8 on.
fn lgamma_far(x: f32) -> f32 {
    let i = 1.0 / x;
    let w = i * i;
    let series = fma(fma(w, 7.9365079e-4, -2.7777778e-3), w, 8.3333333e-2);
    return fma(x - 0.5, log_f(x) - 1.0, fma(series, i, 0.41893853));
}

// The logarithm of the gamma function; not-a-number below 0.
fn lgamma_f(x: f32) -> f32 {
    let b = bitcast<u32>(x);
    if (b << 1u) == 0u {
        return word_f(0x7f800000u);
    }
    if b >= 0x7f800000u {
        return select(x, word_f(0x7fc00000u), b > 0x80000000u);
    }
    if x < 0.5 {
        return lgamma_one(x) - log_f(x);
    }
    if x < 1.5 {
        return lgamma_one(x - 1.0);
    }
    if x >= 8.0 {
        return lgamma_far(x);
    }
    var z = x;
    var product = 1.0;
    while z >= 2.5 {
        z -= 1.0;
        product *= z;
    }
    return lgamma_two(z - 2.0) + log_f(product);
}

// The derivative of the logarithm of the gamma function for x from 1 to 2.
fn digamma_near(x: f32) -> f32 {
    let t = x - 1.46163213253021;
    var p = fma(0.01090258877, t, -0.0205567112);
    p = fma(p, t, 0.02349121045);
    p = fma(p, t, -0.03198182959);
    p = fma(p, t, 0.04856384212);
    p = fma(p, t, -0.07231595905);
    p = fma(p, t, 0.1078452414);
    p = fma(p, t, -0.163938009);
    p = fma(p, t, 0.2584991629);
    p = fma(p, t, -0.4427632325);
    p = fma(p, t, 0.9676722591);
    return fma(p, t, -1.20360525e-8);
}

// The same for x from 8 on.
fn digamma_far(x: f32) -> f32 {
    let i = 1.0 / x;
    let w = i * i;
    let series = fma(fma(w, -3.9682540e-3, 8.3333333e-3), w, -8.3333333e-2);
    return log_f(x) + fma(series, w, -0.5 * i);
}

// The derivative of the logarithm of the gamma function; not-a-number below 0.
fn digamma_f(x: f32) -> f32 {
    let b = bitcast<u32>(x);
    if (b << 1u) == 0u {
        // Of the sign alone: a driver may take a subnormal number for zero here.
        return word_f((b & 0x80000000u) ^ 0xff800000u);
    }
    if b >= 0x7f800000u {
        return select(x, word_f(0x7fc00000u), b > 0x80000000u);
    }
    if b < 0x00800000u {
        let scaled = bitcast<f32>(bitcast<u32>(f32(b)) - (75u << 23u));
        return -power_of_two(74) / scaled;
    }
    if x < 1.0 {
        return digamma_near(x + 1.0) - 1.0 / x;
    }
    if x >= 8.0 {
        return digamma_far(x);
    }
    var z = x;
    var sum = 0.0;
    while z >= 2.0 {
        z -= 1.0;
        sum += 1.0 / z;
    }
    return digamma_near(z) + sum;
}

// To an integer, towards zero; the nearest one where x is too large, 0 for not-a-number.
fn trunc_i(x: f32) -> i32 {
    let b = size_bits(x);
    if b >= 0x4f000000u {
        let limit = select(0x7fffffff, bitcast<i32>(0x80000000u), (bitcast<u32>(x) >> 31u) != 0u);
        return select(limit, 0, b > 0x7f800000u);
    }
    return i32(x);
}

// The quotient rounded towards minus infinity; by zero: zero.
fn floor_div_i(x: i32, y: i32) -> i32 {
    if y == 0 {
        return 0;
    }
    if y == -1 {
        return 0 - x;
    }
    let q = x / y;
    return select(q, q - 1, (q * y != x) & ((x < 0) != (y < 0)));
}

// The sign as -1, 0 or 1.
fn sign_i(x: i32) -> i32 {
    return select(select(0, 1, x > 0), -1, x < 0);
}

// The absolute value; that of the least integer is itself.
fn abs_i(x: i32) -> i32 {
    return select(x, 0 - x, x < 0);
}

// Four rounds of Threefry-2x32 with these rotations.
fn threefry_rounds(pair: vec2<u32>, rotations: vec4<u32>) -> vec2<u32> {
    var a = pair.x;
    var b = pair.y;
    for (var i = 0u; i < 4u; i++) {
        let places = rotations[i];
        a += b;
        b = ((b << places) | (b >> (32u - places))) ^ a;
    }
    return vec2<u32>(a, b);
}

// Threefry-2x32 with 20 rounds.
fn threefry_pair(key: vec2<u32>, counter: vec2<u32>) -> vec2<u32> {
    let third = 0x1bd11bdau ^ key.x ^ key.y;
    let one = vec4<u32>(13u, 15u, 26u, 6u);
    let two = vec4<u32>(17u, 29u, 16u, 24u);
    var pair = threefry_rounds(counter + key, one);
    pair = threefry_rounds(pair + vec2<u32>(key.y, third + 1u), two);
    pair = threefry_rounds(pair + vec2<u32>(third, key.x + 2u), one);
    pair = threefry_rounds(pair + vec2<u32>(key.x, key.y + 3u), two);
    pair = threefry_rounds(pair + vec2<u32>(key.y, third + 4u), one);
    return pair + vec2<u32>(third, key.x + 5u);
}

// The word of one element of a stream at a step.
fn noise_word(seed: u32, stream: u32, step: u32, element: u32) -> u32 {
    let counter = ((element >> 4u) << 3u) | (element & 7u);
    let pair = threefry_pair(vec2<u32>(seed, stream), vec2<u32>(step, counter));
    return select(pair.y, pair.x, (element & 8u) == 0u);
}

// Uniform on the open interval (0, 1): one of 2^23 midpoints.
fn uniform_f(word: u32) -> f32 {
    return f32(i32((word >> 9u) * 2u + 1u)) * 5.9604644775390625e-8;
}

// Standard normal: bit 31 is the sign, the other bits state the tail probability, whose quantile
// is interpolated in a table of integers.
fn normal_f(word: u32) -> f32 {
    let x = (word << 1u) | 1u;
    let wide = (x >> 24u) != 0u;
    let small = select(x, x >> 8u, wide);
    let place = bitcast<u32>(f32(i32(small))) + select(0u, 8u << 23u, wide) - (127u << 23u);
    let piece = place >> 16u;
    let part = bitcast<i32>(place & 0xffffu);
    let start = quantile(piece);
    let slope = quantile(piece + 1u) - start;
    let fixed = start + ((slope * (part >> 8u) + ((slope * (part & 255)) >> 8u)) >> 8u);
    let size = f32((fixed + 16) >> 5u) * 4.76837158203125e-7;
    return bitcast<f32>(bitcast<u32>(size) | (word & 0x80000000u));
}
