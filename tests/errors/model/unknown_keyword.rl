data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
loss a = sum(x, ovr = 0)
eval t on digits.test { report a }

// error: RL0104 2:23 `sum` has no argument `ovr`
// help: sum(x, over = all)
