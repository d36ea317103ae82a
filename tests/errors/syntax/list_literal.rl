const a = [1, 2, 3]

// error: RL0014 1:11 there are no list literals
// help: write `(a, b)` for a tuple, `concat(a, b)` for a vector
