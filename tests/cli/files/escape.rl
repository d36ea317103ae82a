data d from csv("[2J.csv") { x: f32 }
param w: f32 = zeros()
loss l = (w - x)^2
train fit on d.train batch 1 epochs 1 { minimize l over w with sgd() }
