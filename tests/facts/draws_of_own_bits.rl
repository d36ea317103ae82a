// Draws of bits and indices that a file's own distributions make in several ways.
data d from uniform(400, 1) { x: f32[1] }
distribution Flip(p: f32) on bit {
  draw = 1 - float(uniform_noise() < p)
  logp = x * log(1 - p) + (1 - x) * log(p)
}
distribution Either(p: f32) on bit {
  draw = max(float(uniform_noise() < p), float(uniform_noise() < p))
  logp = 0 * p * x
}
distribution Point(p: f32) on index { draw = 2 logp = 0 * p }
distribution Die(p: f32) on index {
  draw = clip(int(3 * uniform_noise()), 0, 2)
  logp = -log(3.0) + 0 * p
}
eval e on d.train batch 320 {
  report E[a: bit ~ Flip(0.25), estimator = "score", samples = 40](a) as flipped, E[a: bit ~ Either(0.5), estimator = "score", samples = 40](a) as either
  report E[k: idx(3) ~ Die(0.3), estimator = "score", samples = 40](float(k)) as rolled
}

// fact: flipped > 0.73
// fact: flipped < 0.77
// fact: either > 0.73
// fact: either < 0.77
// fact: rolled > 0.96
// fact: rolled < 1.04
