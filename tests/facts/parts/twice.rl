dim Q = 3
param t: f32 = constant(2.0)
net up(h: f32) -> f32 = h * t
