// Label smoothing mixes the label with the uniform distribution; weight decay shrinks weights by
// itself; random shifts act in training only.
data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }

param W: f32[64, 10] = normal(0, 0.3)
param decayed: f32[3] = ones()
param apart: f32[3] = ones()
fn logits(x: f32[64]) -> f32[10] = x @ W
fn smoothed(x: f32[64], y: idx(10)) -> f32 = -sum(
  (0.9 * one_hot(y, 10) + 0.1 / 10) * log_softmax(logits(x))
)
fn moved(x: f32[64]) -> f32[64] = reshape(x, 8, 8) |> random_shift(1) |> flatten

train fit on digits.train batch 100 steps 50 {
  minimize sum(0 * decayed) over decayed with sgd(lr = 0.1, weight_decay = 0.1)
  minimize sum(0 * apart) over apart with adamw(lr = 0.1, weight_decay = 0.1)
  track mean(abs(moved(x) - x)) as shift_acts
}
eval test on digits.test batch 120 {
  report abs(cross_entropy(logits(x), y, smooth = 0.1) - smoothed(x, y)) as smoothing
  report abs(cross_entropy(logits(x), y) + pick(log_softmax(logits(x)), y)) as plain
  report abs(decayed[0] - 0.99^50) as decay
  report abs(apart[1] - 0.99^50) as decay_apart
  report max(abs(moved(x) - x)) as shift_off
}

// fact: smoothing < 1e-5
// fact: plain < 1e-5
// fact: decay < 1e-5
// fact: decay_apart < 1e-5
// fact: shift_acts > 0.02
// fact: shift_off < 1e-9
