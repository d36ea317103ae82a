param W: f32[4]
state s = 3

// error: RL0014 1:15 the initial value is missing
// help: write how it starts: `param W: f32[D, H] = glorot()`, `state m: f32[D] = zeros()`
// error: RL0014 2:9 `s` needs a type
// help: write `state s: f32 = ...`
