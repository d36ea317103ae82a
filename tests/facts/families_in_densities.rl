// A family that is written in place, in a parameter of a density, mentions what the density is given:
// in `E`, `KL`, draws of functions, in each other.
data d from uniform(2000, 1, split = 1.0) { x: f32[1] }
distribution Own(loc: f32) on real {
  draw = loc + 0.00001 * normal_noise()
  logp = -0.5 * ((x - loc) / 0.00001)^2
}
model r(k | t: f32) { k: f32 ~ Normal(t, 0.00001) }
fn coin(t: f32) -> f32 = E[k ~ Bernoulli(logits = t)](float(k))
fn drawn(t: f32) -> f32 {
  e: f32 ~ Normal(t, 0.00001)
  return e
}
model smooth(z | s: f32) { z: f32 ~ Normal(E[k ~ Normal(s, 0.00001)](k), 0.5) }
model coins(z | s: f32) { z: f32 ~ Normal(coin(s), 0.5) }
model several(z | s: f32) { z: f32 ~ Normal(E[k: bit[2] ~ Bernoulli(logits = s * ones(2)), samples = 200](sum(k)), 0.5) }
model through(z | s: f32) { z: f32 ~ Normal(drawn(s), 0.5) }
model apart(z | s: f32) { z: f32 ~ Normal(KL(Normal(s, 1) || Normal(0, 1)), 0.5) }
model both(z | s: f32) { z: f32 ~ Normal(KL(r(k | t = s) || Normal(s, 0.00002)), 0.5) }
model own(z | s: f32) { z: f32 ~ Normal(E[k ~ Own(s)](k), 0.5) }
model nested(z | s: f32) {
  let m = E[k ~ r(k | t = s)](E[j ~ Normal(s + k, 0.00001)](j))
  z: f32 ~ Normal(m, 0.5)
}
model same(k | s: f32) { k: f32 ~ Normal(E[k ~ Normal(s, 0.00001)](k), 0.5) }
prior p(z) { z: f32 ~ Normal(0, 0.5) }
param w: f32 = constant(2)
param v: f32 = constant(0.3)

eval e on d.train batch 2000 {
  report mean(smooth(z | s = w + 0 * x[0])) as of_normal, mean(coins(z | s = 0.3 + 0 * x[0])) as of_coin
  report mean(several(z | s = 0.3 + 0 * x[0])) as of_coins, mean(through(z | s = w + 0 * x[0])) as of_draw
  report mean(apart(z | s = w + 0 * x[0])) as of_divergence, mean(both(z | s = w + 0 * x[0])) as of_both
  report mean(own(z | s = w + 0 * x[0])) as of_own, mean(nested(z | s = w + 0 * x[0])) as of_nested
  report mean(same(k | s = w + 0 * x[0])) as of_same
  report KL(smooth(z | s = w + 0 * x[0]) || p(z)) as far
}
train t on d.train batch 2000 steps 1 {
  minimize mean(several(z | s = v)) + 0 * x[0] over v with sgd(lr = 1)
}
eval moved on d.train batch 2000 { report 0.3 - v as slope }

// fact: of_normal = 2
// sigmoid(0.3), and twice that
// fact: of_coin = 0.574442516811659
// fact: of_coins > 1.14
// fact: of_coins < 1.16
// fact: of_draw = 2
// fact: of_divergence = 2
// log 2 + 1/8 - 1/2
// fact: of_both = 0.318147180559945
// fact: of_own = 2
// fact: of_nested = 4
// fact: of_same = 2
// fact: far = 8
// 2 p (1 - p)
// fact: slope > 0.45
// fact: slope < 0.53
