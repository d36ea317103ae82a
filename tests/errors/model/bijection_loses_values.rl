data d from uniform(20, 4) { x: f32[4] in 0..1 }
bijection f(u: f32[4]) -> f32[4] {
  let (a, b) = halves(u)
  return join(a, a)
}
bijection g(u: f32[4]) -> f32[4] = concat(u[0:2], zeros(2))
bijection h(u: f32[4]) -> f32[2] = u[0:2]
eval e on d.test batch 2 { report sum(f(x)) + sum(g(x)) as v }
eval k on d.test batch 2 { report sum(g(x)) as v }
eval l on d.test batch 2 { report sum(h(x)) as v }

// error: RL0128 3:16 `f` has no inverse that can be derived
// help: let every number of the result come from one of the argument
// error: RL0128 6:51 `g` has no inverse that can be derived
// help: let every number of the result come from one of the argument
// error: RL0128 10:39 `h` has no inverse that can be derived
// help: keep as many numbers as come in
