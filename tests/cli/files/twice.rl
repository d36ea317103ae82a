use "parts/scale.rl"
use "parts/other.rl"
data d from uniform(100, 2) { x: f32[2] }
loss l = sum(p(x))
eval t on d.test { report l }
