data d from uniform(10, 3) { s: f32, t: f32, u: f32 }
param s: f32 = 5
loss t = s^2
eval e on d.train batch 5 { report t }

// error: RL0102 1:30 `s` is a field and a declaration
// help: give one of them another name
