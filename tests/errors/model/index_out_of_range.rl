data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
loss a = x[64]
eval t on digits.test { report a }

// error: RL0103 2:12 index 64 into a dim of 64
// help: indices count from 0; negative ones from the end
