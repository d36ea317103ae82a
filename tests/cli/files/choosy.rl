config c: int = -1
data d from csv("whole.csv", split = 1.0, class = c) { x: f32, y: idx(9) }
eval e on d.train { report x }
