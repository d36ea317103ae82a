data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(10)
loss a = sum(f(x))
train fit batch 64 epochs 1 { minimize a over f with adam(lr = 1e-3) }

// error: RL0126 4:7 phase `fit` does not say on which data
// help: write `on digits.train`
