data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net enc(x: f32[64]) -> f32[8] = x |> Linear(8)
net enc(x: f32[64]) -> f32[4] = x |> Linear(4)
loss a = sum(enc(x))
train fit on digits.train batch 64 epochs 1 {
  minimize a over enc with adam(lr = 1e-3)
}

// error: RL0102 3:5 `enc` is declared twice
// help: rename one of them
// also: 2:5 first here
