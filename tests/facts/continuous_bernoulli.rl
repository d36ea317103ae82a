// Derivatives of the moments of a ContinuousBernoulli, where exp of the logits overflows when it is
// squared and near 0; values by mpmath with 40 digits.
data d from uniform(4, 1, split = 1.0) { x: f32[1] }
param a: f32[10] = concat(100, 86, 50, -60, 60, -120, 2, -3, 1.5, -20)
model grey(v | b: f32) { v: f32 in 0..1 ~ ContinuousBernoulli(logits = b) }
fn v0(t) = variance(grey(v | b = t))
fn m0(t) = mean(grey(v | b = t))
fn e0(t) = entropy(grey(v | b = t))
fn second(f, at) = grad((u) => grad((t) => f(t), at = u), at = at)
fn third(f, at) = grad((w) => grad((u) => grad((t) => f(t), at = u), at = w), at = at)
eval look on d.train batch 4 {
  report 1e8 * second(v0, a[0]) as v2, 1e4 * second(e0, a[1]) as e2, 1e8 * third(v0, a[2]) as v3
  report 1e7 * third(m0, a[3]) as m3, 1e6 * third(e0, a[4]) as e3
  report 1e6 * grad((t) => v0(t), at = a[5]) as v1, second(m0, a[6]) as m2, second(v0, a[7]) as w2
  report second(e0, a[8]) as g2, 1e4 * third(e0, a[9]) as g3
}

// fact: v2 = 6.0
// fact: e2 = 1.35208221
// fact: v3 = -7.68
// fact: m3 = 4.62962963
// fact: e3 = -9.25925926
// fact: v1 = 1.15740741
// fact: m2 = -0.0123203726
// fact: w2 = 0.000689886
// fact: g2 = -0.0589721
// fact: g3 = 2.49962899
