data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
model p(y | x: f32[64]) { y: idx(10) ~ Categorical(logits = x |> Linear(9)) }
loss a = -log p(y | x)
train fit on digits.train batch 64 epochs 1 {
  minimize a over p with adam(lr = 1e-3)
}

// error: RL0116 2:27 Categorical cannot score values of `y`
// help: declare `y: idx(9)`
// also: 1:53 `y` holds indices below 10
