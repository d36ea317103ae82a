// Imported files: names after `as`, names without it, and instances with other dims. Each instance
// has weights of its own; equal names in two files are two things.
use "parts/scale.rl" as m
use "parts/plain.rl"

dim V = 3
const a = m.p(V = 3, gain = 2.0)
const b = m.p(V = V, gain = 5.0)
const r = m.q(V = 3, gain = 7.0)
data d from uniform(100, 3) { x: f32[3] }

net p(x: f32[3]) -> f32[3] { param w: f32 = constant(11) return w * x }
net both(x: f32[3]) -> f32[3] = a(x) + p(x)
net inside(x: f32[3]) -> f32[3] = x |> m.p(V = 3, gain = 4.0)

fn one(x: f32[3]) -> f32[3] = 0 * x + 1
fn on(f, x: f32[3]) -> f32 = mean(f(one(x)))

loss pull = (on(a, x) - 1)^2

eval before on d.train batch 10 {
  report on(a, x) as a_before, on(b, x) as b_before, on(p, x) as p_before
  report on(twice, x) as twice_before, width() as width
  report mean(m.p(0 * x[0:2] + 1)) as m_before
  report mean(mean(r(z))) as r_before, on(inside, x) as inside_before
}
train fit on d.train batch 10 steps 200 {
  minimize pull over a with sgd(lr = 0.1)
}
train other on d.train batch 10 steps 200 {
  // `both` has no weights of its own: it stands for those of `a` and `p`
  minimize (on(both, x) - 2)^2 over both with sgd(lr = 0.01)
}
train third on d.train batch 10 steps 200 {
  minimize mean((mean(r(z)) - 1)^2) over r with sgd(lr = 0.5)
  minimize (mean(m.p(0 * x[0:2] + 1)) - 3)^2 over (m.helper, m.bias) with sgd(lr = 0.1)
}
eval after on d.train batch 10 {
  report on(b, x) as b_after, on(both, x) as both_after, on(p, x) as p_after
  report mean(m.p(0 * x[0:2] + 1)) as m_after, mean(m.bias) as m_bias
  report mean(mean(r(z))) as r_after
}

// fact: a_before = 2
// fact: b_before = 5
// fact: p_before = 11
// fact: twice_before = 2
// fact: width = 5
// fact: m_before = 1
// fact: r_before = 7
// fact: inside_before = 4
// fact: b_after = 5
// fact: both_after < 2.05
// fact: both_after > 1.95
// fact: p_after < 10
// fact: m_after = 3
// fact: m_bias > 0.5
// fact: r_after = 1
