data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(10)
loss a = sum(f(x))
train fit on digits.train batch 64 { minimize a over f with adam(lr = 1e-3) }

// error: RL0126 4:7 train phase `fit` does not say how long
// help: add `epochs 20` or `steps 1000`
