data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(10)
loss wrong = float(argmax(f(x)) != y)
train fit on digits.train batch 64 epochs 1 {
  minimize wrong over f with adam(lr = 1e-3)
}

// warning: RL0210 5:3 the goal's derivative by the weights of `f` is 0 everywhere
// help: `argmax`, `floor`, `sign`, comparisons and `stop` pass no derivative: use `softmax`, or `soft + stop(hard - soft)`
