data d from uniform(10, 4, split = 1.0) { x: f32[2, 2] in 0..1 }
sample a on d.train count 2 { emit x as sound }
sample b on d.train count 2 { emit x[0] as sound }
sample c on d.train count 2 { emit x[0, 0] as sound }
sample e on d.train count 2 { emit int(x[0]) as sound }

// error: RL0103 2:41 `f32[2, 2] in 0..1` is no sound
// help: a sound is a list of amplitudes between -1 and 1, `f32[n]`, or of levels, `idx(256)[n]`
// error: RL0103 4:47 `f32 in 0..1` is no sound
// help: a sound is a list of amplitudes between -1 and 1, `f32[n]`, or of levels, `idx(256)[n]`
// error: RL0103 5:49 `int[2]` is no sound
// help: a sound is a list of amplitudes between -1 and 1, `f32[n]`, or of levels, `idx(256)[n]`
