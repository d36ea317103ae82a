const a = 1 − 0.5
const b = 2 × 3

// error: RL0003 1:13 unexpected character `−` (U+2212)
// help: write `-`
// error: RL0003 2:13 unexpected character `×` (U+00D7)
// help: write `*`
