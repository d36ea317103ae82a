// Closed forms of families that an instance declares are those of the instance; between families of
// different settings there is none, and the divergence is averaged.
use "parts/fixed.rl" as v
data d from uniform(2000, 1) { x: f32[1] }
const ten = v(T = 10.0)
const same = v(T = 10.0)
const twin = copy(own)
distribution Mine(loc: f32) on real {
  draw = loc + 2 * normal_noise()
  logp = -0.5 * ((x - loc) / 2)^2 - log(2) - 0.5 * log(2 * pi)
  mean = loc
  pathwise = true
}
divergence KL(q: Mine, p: Mine) = 0.125 * (q.loc - p.loc)^2
model own(z | s: f32) { z: f32 ~ Mine(s) }

eval e on d.train batch 100 {
  report KL(v.q(z | s = 3.0) || v.p(z)) as one, KL(ten.q(z | s = 3.0) || ten.p(z)) as tenth
  report KL(ten.q(z | s = 3.0) || same.p(z)) as two_alike
  report KL(ten.q(z | s = 3.0) || v.p(z)) as mixed
  report KL(own(z | s = 3.0) || twin(z | s = 1.0)) as copied
}

// fact: one = 4.5
// fact: tenth = 0.045
// fact: two_alike = 0.045
// fact: mixed > 44
// fact: mixed < 60
// fact: copied = 0.5
