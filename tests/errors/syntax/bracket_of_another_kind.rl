loss a = f(b[1)]

// error: RL0009 1:15 `[` is closed by `)`
// help: add `]`
// also: 1:13 opened here
