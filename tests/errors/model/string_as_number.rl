data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
loss a = sum(x) + "3"
eval t on digits.test { report a }

// error: RL0105 2:19 a text where a number is needed
// help: write a number or a tensor
