state m: f32[64] = zeros()
data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
train t on digits.train batch 2 epochs 1 { m <- 0.5 * x }

// error: RL0103 3:49 `m` is one for the whole batch, the new value differs between examples
// help: average it: `batch_mean(...)`
