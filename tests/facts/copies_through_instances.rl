// A copy has everything of its own that the net uses, through instances and the files of these too.
use "parts/scaled.rl" as m
data d from uniform(100, 1) { x: f32[1] }
const i = m(K = 2.0)
net f(t: f32) -> f32 = i.g(t)
net k(t: f32) -> f32 = m.g(t)
const c = copy(f)
const e = copy(k)
train t on d.train batch 10 steps 1 {
  minimize c(1.0) over c with sgd(lr = 0.5)
  minimize e(1.0) over e with sgd(lr = 0.5)
}
eval v on d.test batch 10 { report f(1.0) + 0 * sum(x) as kept, c(1.0) + 0 * sum(x) as moved }
eval w on d.test batch 10 { report k(1.0) + 0 * sum(x) as plain, e(1.0) + 0 * sum(x) as other }

// fact: kept == 6
// fact: moved == 4
// fact: plain == 3
// fact: other == 2.5
