data d { x = bit[8] }

// error: RL0014 1:12 `x` needs a type
// help: write `x: f32[D]`: a colon gives a type, `=` a value
