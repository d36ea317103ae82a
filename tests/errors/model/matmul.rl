data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
param W: f32[32, 10] = glorot()
net f(x: f32[64]) -> f32[10] = x @ W
loss a = cross_entropy(f(x), y)
train fit on digits.train batch 64 epochs 1 {
  minimize a over W with adam(lr = 1e-3)
}

// error: RL0103 3:34 `@` of `f32[64] in 0..1` and `f32[32, 10]`
// help: the last dim of the left side meets the first of a vector, or the second-last of the right side; `.T` transposes
// also: 3:32 f32[64] in 0..1
// also: 3:36 f32[32, 10]
