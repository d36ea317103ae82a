// Members of imported files and instances: in updates of whole nets, and as what a net holds.
use "parts/held.rl" as m
data d from uniform(40, 3, split = 1.0) { x: f32[3] }
const ii = m(Q = 2)
const slow = copy(m.ff)
const other = copy(ii.ff)
state before: f32 = zeros()
net f(x: f32[3]) -> f32[3] = 0 * (x |> Linear(3)) + (x |> m.up(Q = 3))
fn apart(x: f32[3]) -> f32 = sum(slow(x) - m.ff(x))
train t on d.train batch 40 steps 1 {
  minimize sum(m.ff(x)^2) over m.ff with sgd(lr = 0.1)
  minimize sum(ii.ff(x)^2) over ii.ff with sgd(lr = 0.1)
}
train move on d.train batch 40 steps 1 {
  before <- batch_mean(apart(x))
  slow <- 0.5 * slow + 0.5 * m.ff
  other <- ii.ff
}
train held on d.train batch 40 steps 300 { minimize sum((f(0 * x + 1) - 5)^2) over f with sgd(lr = 0.1) }
eval e on d.train batch 40 {
  report apart(x) / before as left, abs(before) as moved, sum(abs(other(x) - ii.ff(x))) as gap
  report sum((f(0 * x + 1) - 5)^2) as f_at_1
}

// fact: left = 0.5
// fact: moved > 0.001
// fact: gap = 0
// fact: f_at_1 < 1e-6
