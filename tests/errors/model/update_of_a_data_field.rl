data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
train t on digits.train batch 2 epochs 1 { x <- 0.5 * x }

// error: RL0120 2:44 `x` is a field of the data, and cannot be written
// help: `<-` writes a `param` or a `state`
