data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
loss a = sum(x)

// warning: RL0202 2:6 `a`
