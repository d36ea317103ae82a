// A family that factors tilt says what it becomes and by which factor.
data d from uniform(4, 1) { x: f32[1] in 0..1 }
distribution Half(rate: f32) on count {
  draw   = floor(-log(uniform_noise()) / rate)
  logp   = log(1 - exp(-rate)) - rate * x
  tilted = Half(rate - s)
}
distribution Other(rate: f32) on count {
  draw    = floor(-log(uniform_noise()) / rate)
  logp    = log(1 - exp(-rate)) - rate * x
  tilted  = Poisson(rate)
  log_mgf = s
}
model p(v: count[2], h: bit[2]) {
  v ~ Half(1)
  factor dot(v, h)
}
model q(v: count[2], h: bit[2]) {
  v ~ Other(1)
  factor dot(v, h)
}
eval e on d.train batch 2 { report free_energy(p, v = full(1, 2)) + free_energy(q, v = full(1, 2)) as f }

// error: RL0118 6:3 distribution `Half` has `tilted` and no `log_mgf`
// help: both say what a factor `exp(s * x)` makes of it: `tilted = Poisson(rate * exp(s))`, `log_mgf = rate * expm1(s)`
// error: RL0118 11:13 `tilted` of `Other` is not one of `Other`
// help: a multiple of its density by `exp(s * x)` has its family: `Other(...)`
