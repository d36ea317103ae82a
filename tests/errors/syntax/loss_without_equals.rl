loss a b

// error: RL0014 1:8 `=` is missing before `b`
// help: write `= b`
