data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
eval t on d.test { report float(last(scan(k = y, t in 0..3) { return k + 1 })) as end }

// error: RL0103 2:63 the carry starts as `idx(10)` and may leave this range
// help: bring it back, `clip(k, 0, n - 1)` or `k % n`, or start from `int(k)`, which has no range
