data d from uniform(n = 10, width = 4) { x: f32[4] }
net G(z: f32[2]) -> f32[4] = z |> Linear(4)
model g(x) {
  z: f32[2] ~ Normal(0, 1)
  x: f32[4] = G(z)
}
loss a = -log g(x)
train t on d.train batch 2 epochs 1 { minimize a over G with sgd(lr = 0.1) }

// error: RL0118 7:11 `g`
