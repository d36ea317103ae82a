data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
fn f(x: f32[64]) -> f32[8, 9] = reshape(x, 8, 9)
loss a = sum(f(x))
eval t on digits.test { report a }

// error: RL0103 2:33 `f32[64] in 0..1` has 64 elements, [8, 9] has 72
// help: the dims of `reshape` must multiply to the same number
