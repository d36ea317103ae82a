distribution A(loc: f32) on real {
  logp = -(x - loc)^2
}
distribution C(loc: f32) on reals {
  draw = loc
  logp = -(x - loc)^2
}
data d from uci_digits() { x: f32[64] in 0..1 }
model p(x) { x: f32[64] ~ A(0) }
model q(x) { x: f32[64] ~ C(0) }
loss a = -log p(x)
loss b = -log q(x)
eval t on d.test { report a, b }

// error: RL0118 1:14 distribution `A` has no `draw`
// help: it says how a value is drawn and scored: `draw = loc + normal_noise()`, `logp = -0.5 * (x - loc)^2 - 0.5 * log(2 * pi)`
// error: RL0124 4:29 `C` is a distribution on `reals`
// help: write `on real`, `on positive`, `on unit`, `on bit`, `on count` or `on index`
