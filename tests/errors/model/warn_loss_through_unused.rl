data d from uci_digits() { x: f32[64] in 0..1 }
net f(x: f32[64]) -> f32[64] = x |> Linear(64)
loss inner = sum(f(x)^2)
loss outer = inner + 1
loss good = sum(f(x))
train t on d.train batch 10 steps 1 {
  let kept = good
  minimize kept over f with sgd(lr = 1e-3)
}
// warning: RL0202 3:6 no phase uses loss `inner`
// warning: RL0202 4:6 loss `outer` is used nowhere
