// BYOL (Grill et al. 2020): a net predicts what a slow average of itself says of another view. The
// average is a state that a step moves by a tenth; no gradient reaches it; the loss and one step at
// fixed weights are those of PyTorch.
data d from csv("rows.csv", split = 1.0) { a: f32, b: f32, c: f32, y: f32 }

fn wave(n, s) = 0.5 * sin(s + 1.7 * iota(n))
param W: f32[2, 3] = reshape(wave(6, 1), 2, 3)
param head: f32[3, 3] = reshape(wave(9, 2), 3, 3)
state slow: f32[2, 3] = reshape(wave(6, 3), 2, 3)
state before: f32[2, 3] = zeros()
fn unit(z) = z / norm(z)
fn half(p: f32[2], q: f32[2]) = sum((unit(tanh(p @ W) @ head) - stop(unit(tanh(q @ slow))))^2)
loss both = half(concat(a, b), concat(c, y)) + half(concat(c, y), concat(a, b))

eval start on d.train batch 16 { report both }
train one on d.train batch 16 steps 1 {
  before <- slow
  minimize both over (W, head) with sgd(lr = 0.2)
  slow <- 0.9 * slow + 0.1 * W
}
eval after on d.train batch 16 {
  report W[0, 0] as W_0, W[1, 2] as W_5, head[1, 1] as head_4, slow[0, 0] as slow_0, both as both_after
  report sum(abs(slow - 0.9 * before - 0.1 * W)) as off
}
train fit on d.train batch 16 steps 200 {
  minimize both over (W, head) with adam(lr = 0.05)
  slow <- 0.9 * slow + 0.1 * W
}
eval end on d.train batch 16 { report both as end }

// fact: off < 1e-6
// fact: end < 2.9

// by tools/programs.py
// fact: both = 3.3960407
// fact: W_0 = 0.4227069
// fact: W_5 = -0.1627728
// fact: head_4 = 0.1919804
// fact: slow_0 = 0.1057747
// fact: both_after = 3.1296667
