data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
loss a = sum(x) + (sum(x) > 3)
eval t on digits.test { report a }

// error: RL0103 2:17 `+` of `f32` and `bool`
// help: convert one: `float(x)`, or `one_hot(i, n)` for an index
// also: 2:10 f32
// also: 2:19 bool
