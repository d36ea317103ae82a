// Sums in which an identity matrix stands beside numbers: each term counts as often as it is summed.
data d from uniform(40, 3, split = 1.0) { x: f32[3] }
param w: f32 = constant(0.5)
param v: f32[3] = 0.3 + 0.1 * iota(3)
param u: f32 = ones()
fn f1(t: f32[3]) -> f32[3] = w * (t - mean(t))
fn f2(t: f32[3]) -> f32[3] = v * (t - mean(t))
fn g1(t: f32[3]) -> f32[3] = t * w + sum(t) * v
eval e on d.train batch 40 {
  let s = x[0]
  report sum(eye(2) + s) - 2 - 4 * s as four, mean((eye(3) - w)^2) as squares, sum((eye(3) - w)^2 @ eye(3)) as product
  report mean((eye(3) + s) * w) - w * (1 / 3 + s) as weighed, sum((eye(3) + s) @ v) - sum(v) - 3 * s * sum(v) as rows
  report sum((diag(eye(2)) + s + flip(ones(2))) * u) - 4 - 2 * s as diagonal
  report grad((u) => sum((diag(eye(2)) + s + flip(ones(2))) * u), at = u) - 4 - 2 * s as slope
  report sum(jacobian(f1, at = x)^2) as a, sum(jacobian(f2, at = x)^2) as b, sum(jacobian(g1, at = x)^2) as c
}

// fact: four = 0
// fact: squares = 0.25
// fact: product = 2.25
// fact: weighed = 0
// fact: rows = 0
// fact: diagonal = 0
// fact: slope = 0
// w^2 |I - 11'/3|^2, 2/3 sum(v^2), 3 w^2 + 2 w sum(v) + 3 sum(v^2)
// fact: a = 0.5
// fact: b = 0.33333333
// fact: c = 3.45
