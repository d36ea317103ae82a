data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(10)
net g(x: f32[64]) -> f32[10] = x |> Linear(10)
loss wrong = float(argmax(f(x)) != y)
loss smooth = cross_entropy(g(x), y)
train fit on digits.train batch 64 epochs 1 {
  minimize wrong over f with adam(lr = 1e-3)
  minimize smooth over (f, g) with adam(lr = 1e-3)
}

// warning: RL0210 7:3 the goal's derivative by the weights of `f` is 0 everywhere
// help: `argmax`, `floor`, `sign`, comparisons and `stop` pass no derivative: use `softmax`, or `soft + stop(hard - soft)`
// warning: RL0210 8:3 the goal does not use the weights of `f`
// help: let the goal depend on `f`, or leave it out of `over (...)`
