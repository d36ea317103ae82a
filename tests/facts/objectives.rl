// Expectations and divergences in steps, loops and each other: closed forms.
data d from uniform(2000, 1, split = 1.0) { x: f32[1] }
param s1: f32 = constant(1)
param p1: f32 = constant(0)
param m: f32 = constant(1)
fn zero(x: f32[1]) -> f32 = 0 * sum(x)
model coin(b) { b: bit ~ Bernoulli(logits = p1) }
model q(z) { z: f32 ~ Normal(m, exp(s1)) }
prior n(z) { z: f32 ~ Normal(0, 1) }
// E[b] = sigmoid(p1) = 1/2, slope 1/4
train coin1 on d.train batch 100 steps 1 {
  minimize E[b ~ coin(b)](b) + zero(x) over p1 with sgd(lr = 1)
}
// KL(N(1, e) || N(0,1)) = (e^2 + 1 - 1)/2 - 1 ; d/dm = m = 1 ; d/ds = e^2 - 1
train kl on d.train batch 100 steps 1 {
  minimize KL(q(z) || n(z)) + zero(x) over (m, s1) with sgd(lr = 0.1)
}
// a let of an expectation: E[(z)] = m_ after update 0.9 -> slope in m 1 each
train em on d.train batch 1000 steps 1 {
  let z1 = E[z ~ q(z)](z) + zero(x)
  minimize z1 over m with sgd(lr = 0.1)
}
eval t on d.train batch 100 {
  report p1, m, s1
  report E[z ~ n(z), samples = 3](E[b ~ coin(b)](b + 0 * z)) as expect_b
  report last(scan(h = zero(x), i in 0..4) { return h + E[b ~ coin(b)](b) }) as four
  report E[z ~ n(z), samples = 50](last(scan(h = zero(x), i in 0..10) { return h + normal_noise(h) + 0 * z }))^2 * 5 as turns_and_samples
}

// fact: p1 = -0.25
// fact: m = 0.8
// fact: s1 = 0.361094
// fact: expect_b = 0.437823
// fact: four = 1.751293
// the variance of the mean of 50 sums of 10, times 5
// fact: turns_and_samples > 0.85
// fact: turns_and_samples < 1.15
