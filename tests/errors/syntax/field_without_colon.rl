data d { x bit[8] }

// error: RL0014 1:12 `:` is missing before `bit`
// help: write `x: bit`
