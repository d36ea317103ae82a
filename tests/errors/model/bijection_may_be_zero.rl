data d from uniform(20, 4) { x: f32[4] in 0..1 }
bijection f(u: f32[4]) -> f32[4] {
  param s: f32[4] = ones()
  return s * u + 1
}
eval e on d.test batch 2 { report sum(f(x)) as v }

// error: RL0128 3:9 `f` has no inverse that can be derived
// help: a scale that cannot be 0: `exp(s)`, `softplus(s) + 1e-3`, `exp(tanh(s))`
