config flag: bool = True
data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
loss a = sum(x)
eval t on digits.test { report a }

// error: RL0101 1:21 nothing is called `True`
// help: did you mean `true`?
