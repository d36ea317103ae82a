// Factors of a joint stand in any order: a child above its parents, parents of several; names of draws
// are those of the variables, or stand for them by their places in the text. Deviations are small, so
// every draw is its mean to three digits.
data d from uniform(4000, 1, split = 1.0) { x: f32[1] }
param w: f32 = constant(2)

model line(c | b: f32) { c: f32 ~ Normal(10 * b, 0.00001) }
model line(b | a: f32) { b: f32 ~ Normal(a + 1, 0.00001) }
model line(a) { a: f32 ~ Normal(w, 0.00001) }

model fork(c | b: f32) { c: f32 ~ Normal(10 * b, 0.00001) }
model fork(b | a1: f32, a2: f32) { b: f32 ~ Normal(a1 - a2, 0.00001) }
model fork(a2) { a2: f32 ~ Normal(3, 0.00001) }
model fork(a1) { a1: f32 ~ Normal(7, 0.00001) }

prior p(z2) { z2: f32 ~ Normal(0, 1) }
model p(z1 | z2: f32) { z1: f32 ~ Normal(z2, 1) }
decoder p(x | z1: f32) { x: f32[1] ~ Normal(z1 * ones(1), 1) }
model q(z2 | z1: f32) { z2: f32 ~ Normal(z1 / 2, 0.5) }
model q(z1 | x: f32[1]) { z1: f32 ~ Normal(1 + 0 * sum(x), 0.5) }

model pair(a, b) {
  b: f32 ~ Normal(10, 0.00001)
  a: f32 ~ Normal(b / 2, 0.00001)
}
fn zero(x: f32[1]) -> f32 = 0 * sum(x)
fn drawn(x: f32[1]) -> f32 {
  let (c, b, a) ~ line(c, b, a)
  return c + 100 * b + 1000 * a + zero(x)
}
fn by_name(x: f32[1]) -> f32 {
  let (a, b) ~ pair(b, a)
  return a + 100 * b + zero(x)
}
fn by_place(x: f32[1]) -> f32 {
  let (u, v) ~ pair(b, a)
  return u + 100 * v + zero(x)
}
fn half_by_name(x: f32[1]) -> f32 {
  let (u, b) ~ pair(a, b)
  return u + 100 * b + zero(x)
}
fn of_joint(x: f32[1]) -> f32 {
  let (u, v) ~ pair
  return u + 100 * v + zero(x)
}

eval e on d.train batch 4000 {
  report E[c ~ line(c, b, a)](c) + zero(x) as child
  report E[a ~ line(a, c, b)](a) + zero(x) as root
  report E[c ~ fork(c, b, a1, a2)](c) + zero(x) as two_parents
  report drawn(x) as all_three, by_name(x) as by_name, by_place(x) as by_place, half_by_name(x) as half_by_name
  report of_joint(x) as of_joint
  report elbo(p, q) - (E[z1 ~ q(z1, z2 | x), samples = 5](log p(x | z1)) - KL(q(z1, z2 | x) || p(z1, z2))) as gap
  report KL(q(z1, z2 | x) || p(z1, z2)) as kl
}
sample s count 4 {
  c ~ fork(c)
  emit c as codes
}

// fact: child = 30
// fact: root = 2
// fact: two_parents = 40
// fact: all_three = 2330
// fact: by_name = 1005
// fact: by_place = 510
// fact: half_by_name = 1005
// fact: of_joint = 1005
// 2 (ln 2 - 1/2) + 0.5625: by hand, of normals
// fact: kl > 0.89
// fact: kl < 1.01
// fact: gap > -0.1
// fact: gap < 0.1
