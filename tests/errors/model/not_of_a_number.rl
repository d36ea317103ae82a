data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
loss a = float(not sum(x))
eval t on digits.test { report a }

// error: RL0103 2:16 `not` of `f32`
// help: convert with `float(...)`
