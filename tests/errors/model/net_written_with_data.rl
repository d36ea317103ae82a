data d from uci_digits() { x: f32[64] in 0..1 }
net f(x: f32[64]) -> f32[4] = x |> Linear(4)
const target = copy(f)
loss l = sum((f(x) - stop(target(x)))^2)
train t on d.train batch 32 steps 3 {
  minimize l over f with sgd(lr = 0.1)
  target <- target + x[0]
}

// error: RL0103 7:13 differs between examples
// help: average it: `batch_mean(...)`
