const a = b + 1
const b = c * 2
const c = a
data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
loss l = a * sum(x)
eval t on digits.test { report l }

// error: RL0108 3:11 `a` depends on itself: a -> b -> c -> a
// help: break the circle; a value may only use others
