// Factors that wait for each other, and names of draws that are others.
data d from uniform(6, 1, split = 1.0) { x: f32[1] }
model p(a | b: f32) { a: f32 ~ Normal(b, 1) }
model p(b | a: f32) { b: f32 ~ Normal(a, 1) }
model q(a, b | x: f32[1]) {
  a: f32 ~ Normal(x[0], 1)
  b: f32 ~ Normal(a, 1)
}
fn other(x: f32[1]) -> f32 {
  let (u, a) ~ q(a, b | x)
  return u + a
}
eval e on d.train batch 3 {
  report log p(a = 1.0, b = 2.0) as density
  report E[a ~ p(a, b)](a) as average
  report elbo(p, q) as bound
  report other(x) as value
}
sample s count 3 {
  a ~ p(a)
  emit a as codes
}

// error: RL0114 14:14 the factors of `p` wait for each other
// help: a joint is a product of factors, each given what others before it draw
// error: RL0114 15:16 the factors of `p` wait for each other
// error: RL0114 16:10 the factors of `p` wait for each other
// error: RL0114 10:11 `a` is another one of the variables that are drawn
// help: write `let (a, b) ~ ...`, or names that are none of them
// error: RL0114 20:7 the factors of `p` wait for each other
