dim D = 1.5
data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
loss a = sum(x)
eval t on digits.test { report a }

// error: RL0107 1:9 `D` is declared `dim`, its value is 1.5
// help: give a whole number; a quotient must be exact
