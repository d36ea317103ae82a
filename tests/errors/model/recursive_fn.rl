data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
fn f(x: f32[64]) -> f32 = f(x) + 1
loss a = f(x)
eval t on digits.test { report a }

// error: RL0108 2:27 calls nested more than 200 deep: a function calls itself
// help: loops are written with `scan`, `chain` or `map`
