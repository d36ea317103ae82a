// Codes of parts that are given fields of the second data set, of both, and a phase on the first.
data a from uniform(8, 8, split = (0.5, 0, 0.5)) { s: f32[8] }
data b from uniform(8, 4, split = (0.5, 0, 0.5)) { x: f32[4] }
bottleneck q(z: f32[2] | x: f32[4]) { z ~ Normal(3 * x[0:2], 1) }
bottleneck r(w: f32[1] | x: f32[4], s: f32[8]) { w ~ Normal(x[0:1] + s[0:1], 1) }
prior p(z: f32[2]) { z ~ Normal(0, 1) }
eval one on a.test batch 4 { report sum(s) as f }
eval two on b.test batch 4 {
  report KL(q(z | x) || p(z)) as g, q_rate_by_hand(x) as rate
  report KL(q(z | x) || p(z)) - q_rate_by_hand(x) as off
}
fn q_rate_by_hand(x) = 4.5 * sum(x[0:2]^2)
// fact: off < 1e-5
// fact: q.width = 2
