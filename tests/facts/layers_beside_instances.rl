// An instance of a file and a module of one name are two things, with weights of their own: 2 + 10 * 5.
use "parts/twice.rl" as n
data d from uniform(11, 1, split = 1.0) { s: f32 }
module up()(x: f32) -> f32 { param t: f32 = constant(5.0) return x * t }
net f(x: f32) -> f32 = (x |> n.up(Q = 3)) + 10 * (x |> up())
net g(x: f32) -> f32 = 10 * (x |> up()) + (x |> n.up(Q = 3))
eval e on d.train batch 4 { report f(s) / s as p, g(s) / s as q }

// fact: p = 52
// fact: q = 52
