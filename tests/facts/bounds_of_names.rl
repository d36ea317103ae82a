// A name that a phase gives to a real keeps the bounds that its formula proves: it is scored by what asks
// for them.
data d from uniform(16, 1, split = (0, 0, 1)) { u: f32[1] }
model q(y: f32 in 0..1) { y ~ ContinuousBernoulli(logits = 0.3) }
eval run on d.test batch 16 {
  let a = clip(2 * u[0], 0, 1)
  report log q(y = a) - log q(y = clip(2 * u[0], 0, 1)) as off, a as mean
}
// fact: off == 0
// fact: mean > 0.5
