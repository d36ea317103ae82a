data d from uci_digits() { x: f32[64] in 0..1 }
model g(y) {
  u: f32 ~ Normal(0, 1)
  v: f32 ~ Normal(0, 1)
  y: f32 = v + 1
}
eval t on d.test { report E[y ~ g](y) }
// warning: RL0201 3:3 `u` is drawn and never used
