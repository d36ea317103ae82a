data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
loss a = sum(x)
eval t on digits.tset { report a }

// error: RL0126 3:18 a data set has no split `tset`
// help: splits are train, valid and test
