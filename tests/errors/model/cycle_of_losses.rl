data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
loss a = b
loss b = a
eval t on digits.test { report a }

// error: RL0108 3:10 `a` depends on itself: a -> b -> a
// help: break the circle; a value may only use others
