data d = csv("a.csv") { x: f32[2] }

// error: RL0014 1:8 `=` does not fit here
// help: `data` reads, for instance, `data d from csv("d.csv") { x: f32[D] in 0..1, y: idx(10) }`
