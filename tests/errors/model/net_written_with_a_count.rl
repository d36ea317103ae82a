data d from uci_digits() { x: f32[64] in 0..1 }
module Counted()(x: f32[n]) -> f32[n] { state seen: int = 0 seen <- seen + 1 return x }
net f(x: f32[64]) -> f32[4] = x |> Linear(4) |> Counted()
const target = copy(f)
loss l = sum((f(x) - stop(target(x)))^2)
train t on d.train batch 32 steps 3 {
  minimize l over f with sgd(lr = 0.1)
  target <- 0.5 * target + 0.5 * f
}

// error: RL0103 8:17 `*` of `f32 in 0..1` and `int`
// help: the state `target.f.Counted_0.seen` of the net is `int`: declare it `f32`, then it has an average
// error: RL0103 8:32 `*` of `f32 in 0..1` and `int`
// help: the state `target.f.Counted_0.seen` of the net is `int`: declare it `f32`, then it has an average
