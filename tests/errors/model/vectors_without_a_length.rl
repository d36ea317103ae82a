model a(v) { v ~ Dirichlet(2) }
model b(v) { v: f32 in 0..1 ~ Dirichlet(2) }
model c(v) { v: f32[4] in 0..1 ~ Dirichlet(concat(1.0, 2.0, 3.0)) }
model d(v) { v: f32[4] ~ Dirichlet(2) }
model e(v) { v: f32[3] ~ MultivariateNormal(0, eye(2)) }
model f(v) { v: count[3] ~ OneHotCategorical(logits = zeros(3)) }
loss l = entropy(a(v)) + entropy(b(v)) + entropy(c(v)) + entropy(d(v)) + entropy(e(v)) + entropy(f(v))

// error: RL0103 1:14 `Dirichlet` gives vectors, the value is `f32 in 0..1`
// help: declare it with its length: `z: f32[4] ~ ...`
// error: RL0103 2:14 `Dirichlet` gives vectors, the value is `f32 in 0..1`
// help: declare it with its length: `z: f32[4] ~ ...`
// error: RL0103 3:34 parameter `concentration` of `Dirichlet` has shape [3], the value [4]
// help: give the last layer the width of the value, or a scalar for all elements
// also: 3:14 the value is [4]
// error: RL0116 4:14 Dirichlet cannot score values of `v`
// help: declare the range: `v: f32[4] in 0..1`
// error: RL0103 5:26 parameter `scale_tril` of `MultivariateNormal` has shape [2, 2], the value [3]
// also: 5:14 the value is [3]
// error: RL0116 6:14 OneHotCategorical cannot score values of `v`
// help: declare `v: bit[3]`
