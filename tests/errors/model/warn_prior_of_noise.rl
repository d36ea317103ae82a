// The noise of a generator is drawn, and nothing scores it; where nothing draws it either, a divergence
// would be the wrong advice.
data d from uniform(n = 64, width = 3) { x: f32[3] }
prior noise(z) { z: f32[2] ~ Normal(0, 1) }
prior shown(s) { s: f32[2] ~ Normal(0, 1) }
prior idle(v) { v: f32[2] ~ Normal(0, 1) }
net G(z: f32[2]) -> f32[3] = z |> Linear(3)
net D(x: f32[3]) -> f32 = x |> Linear(5) |> tanh |> Linear(1) |> sum
train play on d.train batch 8 steps 1 {
  minimize E[z ~ noise](softplus(-D(x)) + softplus(D(G(z)))) over D with sgd(lr = 0.1)
  minimize E[z ~ noise](softplus(-D(G(z)))) over G with sgd(lr = 0.1)
}
sample draws count 10 {
  s ~ shown
  emit G(s) as table
}

// warning: RL0207 6:7 no loss uses the prior `idle`
// help: draw from it where a generator takes noise, `E[z ~ idle]`, or remove it
