data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
eval t on d.test { report float(y * 10000000000) as a, float(y % 0) as b, float(y + 0.5) as c }

// error: RL0107 2:37 `10000000000` is no whole number of 32 bits
// help: write a real instead: `1e10`
// error: RL0107 2:66 division by 0
// help: divide by another number; a setting states its range: `config t: f32 in 0.1..10 = 1.0`
// error: RL0103 2:83 `+` of `idx(10)` and `f32 in 0..1`
// help: convert one: `float(x)`, or `one_hot(i, n)` for an index
