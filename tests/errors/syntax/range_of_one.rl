data d { x: f32[4] in 1 }

// error: RL0014 1:23 a range is expected after `in`
// help: write the lowest and the highest value: `f32[D] in 0..1`
