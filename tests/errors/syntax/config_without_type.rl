config beta = 1.0

// error: RL0014 1:13 `beta` needs a type
// help: write `config beta: f32 = ...`
