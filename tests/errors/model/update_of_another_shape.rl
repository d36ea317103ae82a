state m: f32[32] = zeros()
data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
train t on digits.train batch 2 epochs 1 { m <- batch_mean(x) }

// error: RL0103 3:49 `f32[64] in 0..1` where the shape [32] is needed
// help: make the dims agree; only scalars are repeated by themselves
