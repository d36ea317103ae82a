model a(v) { v: f32 ~ Truncated(Gamma(1, 2), low = 0.5) }
loss la = log a(v = 1)
model b(v) { v: f32[3] in 0..1 ~ Mixture(zeros(2), (Normal(0, 1), Dirichlet(2))) }
loss lb = log b(v = zeros(3))
model c(v) { v: f32 ~ Truncated(3) }
loss lc = log c(v = 1)
model d(v) { v: f32 ~ Mixture(zeros(2), Normal(0, 1)) }
loss ld = log d(v = 1)
model f(v) { v: f32 ~ Normal(Normal(0, 1), 1) }
loss lf = log f(v = 1)
model g(v) { v: f32 ~ Mixture(zeros(2), Cauchy(zeros(2), 1)) }
loss lg = mean(g(v))
model h(v) { v: f32 ~ Mixture(zeros(2), Poisson(ones(2))) }
loss lh = log h(v = 1)
fn wrong(x: distribution) = 1
loss li = wrong(1)
model k(v) { v: f32[3] in 0..1 ~ Truncated(Dirichlet(2), high = 0.5) }
loss lk = log k(v = zeros(3))
model m(v) { v: f32[3] in 0..1 ~ Mixture(zeros(2), Dirichlet(ones(3))) }
loss lm = log m(v = zeros(3))
model o(v) { v: idx(3) ~ Mixture(zeros(2), Categorical(zeros(2, 3))) }
loss lo = log o(v = 1)
model r(v) { v: f32 ~ Mixture(zeros(3), (Normal(0, 1), Normal(1, 1))) }
loss lr = log r(v = 1)

// error: RL0127 1:14 no member `cdf`
// help: it has draw, mean, variance, mode
// error: RL0105 3:67 `Mixture` is made of families of numbers here, `Dirichlet` gives vectors
// help: numbers have a mixture for each element, vectors one for each vector: give it families of one kind
// error: RL0105 5:23 `of` of `Truncated` is a distribution, this is an integer
// help: write for instance `Normal(0, 1)`
// error: RL0103 7:41 `Normal` is one distribution, several are needed
// help: give a parameter a value for each, `Normal(concat(0.0, 1.0), 1)`, or a tuple: `(Normal(0, 1), Laplace(0, 1))`
// error: RL0105 9:23 a distribution where a number is needed
// help: take `mean(...)`, `log p(...)`, or draw inside `E[z ~ ...](...)`
// error: RL0118 12:11 `Mixture` has no mean in closed form
// help: average draws: `E[z ~ q(z | x)](z)`
// error: RL0116 13:14 Mixture cannot score values of `v`
// help: declare `v: count`
// error: RL0124 15:13 element type `distribution` is not supported yet
// help: use f32, bit, count, int, bool or idx(n)
// error: RL0105 17:44 `Truncated` is made of families of numbers here, `Dirichlet` gives vectors
// help: numbers have a mixture for each element, vectors one for each vector: give it families of one kind
// error: RL0103 19:52 `Dirichlet` is one distribution, several are needed
// help: give a parameter a value for each, `Normal(concat(0.0, 1.0), 1)`, or a tuple: `(Normal(0, 1), Laplace(0, 1))`
// error: RL0105 21:44 `Mixture` is made of families of numbers here, `Categorical` gives indices
// help: draw the index as a variable of its own, and the value by it: `k ~ Categorical(...)`
// error: RL0103 23:23 `logits` of `Mixture` has 3 values for 2 distributions
// help: give `logits` a last dim of 2, or `of` as many distributions as it has values
