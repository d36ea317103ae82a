data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
loss a = sum(x)
eval t on digts.test { report a }

// error: RL0101 3:11 no data set is called `digts`
// help: did you mean `digits`?
