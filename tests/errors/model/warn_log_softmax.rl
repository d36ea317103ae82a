data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(10)
loss a = -pick(log(softmax(f(x))), y)
train fit on digits.train batch 64 epochs 1 {
  minimize a over f with adam(lr = 1e-3)
}

// warning: RL0204 3:16 logarithm of a softmax
// help: write `log_softmax(x)`: it is exact for small probabilities
