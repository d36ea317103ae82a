// What stands behind a branch that is not taken adds nothing to a derivative, also where it is beyond
// all numbers; the root of what is never negative has slope 0 at 0, also behind sums and in loops.
data d from uniform(4, 1, split = 1.0) { x: f32[1] }
param a: f32 = constant(1e13)
param z: f32 = constant(0)
param v: f32[4] = constant(0)
param tiny: f32 = constant(1e-30)
eval look on d.train batch 4 {
  let gap = where(x[0] < 2, log(-1.0 - z), x[0])
  report grad((t) => where(t > 1e10, t, t^4), at = a) as power
  report grad((t) => where(t > 1e10, t, t * t * t * t), at = a) as factors
  report grad((t) => where(t > 1e10, t, prod(concat(t, t, t, t))), at = a) as all_factors
  report grad((t) => where(t > 1e10, t, norm(concat(t, t)^2)), at = a) as norms
  report grad((t) => where(t > 1e10, 1.0, t^3 / (1 + t^4)), at = a) as quotient
  report grad((s) => grad((t) => where(t > 1e10, t * t, t^6), at = s), at = a) as second
  report grad((u) => grad((t) => where(t > 0.5, 1 / t, t), at = u), at = tiny) as inverse
  report grad((t) => where(t > 0.5, abs(log(t)), t), at = z - 1) as size
  report grad((u) => where(gap == gap, gap * u^2, u), at = z + 2) as missing
  report grad((t) => where(t > 0.5, tanh(last(scan(h = t, i in 0..3) { return log(h) + t })), t), at = z - 1) as loop
  report grad((t) => sum(sqrt(cumsum(t^2))), at = v)[0] as running
  report grad((t) => sum(sqrt(t^2 @ ones(4, 2))), at = v)[0] as weighed
  report grad((t) => sum(sqrt(avg_pool(reshape(t^2, 1, 2, 2)))), at = v)[0] as pooled
  report grad((t) => sum(sqrt(max_pool(reshape(t^2, 1, 2, 2)))), at = v)[0] as largest
  report grad((t) => log(exp(t)), at = z - 88) as low, grad((t) => log(exp(t)), at = z + 95) as high
}

// fact: power == 1
// fact: factors == 1
// fact: all_factors == 1
// fact: norms == 1
// fact: quotient == 0
// fact: second = 2
// fact: inverse == 0
// fact: size == 1
// fact: missing == 1
// fact: loop == 1
// fact: running == 0
// fact: weighed == 0
// fact: pooled == 0
// fact: largest == 0
// fact: low == 1
// fact: high == 1
