// Used by copies_through_instances.rl.
use "three.rl" as n
config K: f32 = 1.0
net g(t: f32) -> f32 = K * n.h(t)
