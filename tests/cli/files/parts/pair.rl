param w: f32 = 1
param u: f32 = 2
