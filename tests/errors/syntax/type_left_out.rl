const a: = 3

// error: RL0014 1:8 `:=` is not an operator
// help: write `a = ...`, or put a type between: `a: f32 = ...`
