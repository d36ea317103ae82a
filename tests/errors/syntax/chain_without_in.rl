const a = chain(i, 0..3) { b }

// error: RL0014 1:18 `in` is missing after the loop's variable
// help: write `chain(i in 0..n) { ... }` or `scan(h = h0, x in xs) { ... }`
