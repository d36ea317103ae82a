data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[4] = x |> Linear(4)
loss a = E[z ~ f(x)](sum(z))
train fit on digits.train batch 64 epochs 1 {
  minimize a over f with adam(lr = 1e-3)
}

// error: RL0105 3:16 a density is needed, this is a tensor
// help: write `q(z | x)`, a `model`, or a distribution such as `Normal(0, 1)`
