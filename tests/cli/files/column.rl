data d from csv("whole.csv", split = 1.0) { x: f32 }
eval e on d.train { report x }
