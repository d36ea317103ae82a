config n: int = 1.5
config flag: bool = 3
data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
loss a = sum(x)
eval t on digits.test { report a }

// error: RL0107 1:17 `n` is declared `int`, its value is 1.5
// help: give a whole number; a quotient must be exact
// error: RL0107 2:21 `flag` is declared `bool`, its value is 3
// help: give `true` or `false`
