data d from uniform(20, 4) { x: f32[4] in 0..1 }
bijection f(u: f32[4]) -> f32[4] = u |> Linear(8) |> tanh |> Linear(4)
bijection last(u: f32[4]) -> f32[4] = u |> Linear(4)
eval e on d.test batch 2 { report sum(f(x)) as v }
eval k on d.test batch 2 { report sum(last(x)) as v }

// error: RL0128 2:54 `f` has no inverse that can be derived
// help: a matrix of literals that has an inverse; a product that has one: `u |> LULinear()`; or a coupling, `join(a, b * exp(s) + t)` where `s` and `t` are layers of `a`
// error: RL0128 3:11 `last` has no inverse that can be derived
// help: a matrix of literals that has an inverse; a product that has one: `u |> LULinear()`; or a coupling, `join(a, b * exp(s) + t)` where `s` and `t` are layers of `a`
