data d { }

// error: RL0014 1:8 a data set needs fields
// help: declare its fields: `data mnist { x: f32[D], y: idx(10) }`
