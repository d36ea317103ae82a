data d from uci_digits() { x: f32[64] in 0..1 }
model p(a, b) {
  a: f32 ~ Normal(0, 1)
  b: f32 ~ Normal(a, 1)
}
fn one(x: f32[64]) -> f32 {
  let z ~ p(a, b)
  return z
}
fn two(x: f32[64]) -> f32 {
  let z ~ sum(x)
  return z
}
loss l = one(x)
loss k = two(x)
loss m = -log p(a = 0 * x[0] | b = 1.0)
eval t on d.test { report l, k, m }

// error: RL0114 7:3 one name for draws of a, b
// help: write `let (a, b) ~ ...`
// error: RL0105 11:11 a density is needed, this is a tensor
// help: write `q(z | x)`, a `model`, or a distribution such as `Normal(0, 1)`
// error: RL0114 16:15 `p` has no factor over `a` alone
// help: a factor is given all that its statements mention
