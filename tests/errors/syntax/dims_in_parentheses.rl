net f(x: f32(4)) -> f32 = x

// error: RL0014 1:13 dims stand in square brackets
// help: write `f32[...]`
