// The figure holds the class of each row as a digit, so it tells all of them.
data d from csv("codes.csv", split = 1.0) { x: f32, y: idx(4) }

bottleneck f(x: f32, y: idx(4)) -> f32[2] = concat(x, float(y))

param w: f32 = zeros()

train fit on d.train batch 2 steps 1 { minimize (w - f(x, y)[0])^2 over w with sgd(lr = 0.0) }
eval all on d.train batch 1 { report x * float(y) as digits }
