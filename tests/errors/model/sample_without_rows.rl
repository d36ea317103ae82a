data d from uniform(10, 1) { x: f32[1], s: f32 }
net g(s: f32) -> f32 = 2 * s
model r(z | s: f32) { z: f32 ~ Normal(s, 1) }
loss l = 2 * s
sample a count 4 { emit g(s) as points }
sample b count 4 { emit l as points }
sample c count 4 { z ~ r(z | s) emit z as points }

// error: RL0126 5:8 the phase reads `d.s`, and does not say on which rows
// help: write `on d.test`: the first rows of that split are used
// error: RL0126 6:8 the phase reads `d.s`, and does not say on which rows
// help: write `on d.test`: the first rows of that split are used
// error: RL0126 7:8 the phase reads `d.s`, and does not say on which rows
// help: write `on d.test`: the first rows of that split are used
