const a = 3 ** 2

// error: RL0014 1:13 `**` is not an operator
// help: write `^` for a power
