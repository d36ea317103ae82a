data d from uniform(20, 4) { x: f32[4] in 0..1 }
bijection f(u: f32[4]) -> f32[4] = u * sigmoid(u)
eval e on d.test batch 2 { report sum(f(x)) as v }

// error: RL0128 2:36 `f` has no inverse that can be derived
// help: let one side depend on other parts, as in a coupling; or give the inverse yourself: `custom_inverse(f, at = x, inverse = g, log_det = h)`
