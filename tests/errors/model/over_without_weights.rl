data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(10)
fn g(x: f32[64]) -> f32 = sum(x)
loss a = cross_entropy(f(x), y)
train fit on digits.train batch 64 epochs 1 {
  minimize a over g with adam(lr = 1e-3)
}

// error: RL0119 6:19 `g` owns no weights that the goal uses
// help: weights belong to f
