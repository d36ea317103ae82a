// Values near the ends of what 32 bits hold: no rewriting of a formula may pass through a number that
// the formula does not have. Expected values follow from the formulas as they are written.
data d from uniform(4, 1, split = 1.0) { x: f32[1] }
param a: f32 = constant(1e25)
param b: f32 = constant(1e-25)
param c: f32 = constant(3e38)
param e: f32 = constant(2e38)
param w: f32[10] = constant(70)
param v: f32 = constant(18)
fn shares(s: f32[10]) -> f32[10] = exp(s) / sum(exp(s))
model u(v | m: f32, s: f32) { v: f32 ~ Uniform(m, s) }
eval look on d.train batch 4 {
  let s = w + v * eye(10)[3]
  report shares(s)[3] as share, sum(shares(s)) as total
  report (expand(e, over = 16) / expand(c, over = 16))[3] as quotient
  report (a / 1e20) * (c / 1e20) / 3e23 as product
  report a * 1e-20 * 1e-25 * 1e20 as small
  report c / 1e20 / 1e25 * 1e7 as divided
  report c * 1e-30 * 1e-30 * 1e22 as smaller
  report b * 1e30 * 1e30 / 1e35 as large
  report (0.001 * c + 0.001 * e) / 5e35 as sums
  report mean(concat(c, e) / 1e10) / 2.5e28 as means
  report mean(u(v | m = e, s = c)) / 2.5e38 as middle
}

// fact: share = 1
// fact: total = 1
// fact: quotient = 0.6666667
// fact: product = 1
// fact: small = 1
// fact: divided = 3
// fact: smaller = 3
// fact of processors: large = 1
// fact of processors: sums = 1
// fact: means = 1
// fact of processors: middle = 1
