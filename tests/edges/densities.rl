// Densities whose parameters are fields; the test adds the data and what is emitted.
model flip(v | b: f32) { v: bit ~ Bernoulli(probs = b) }
model flop(v | c: f32) { v: bit ~ Bernoulli(probs = c) }
model coin(v | b: f32) { v: bit ~ Bernoulli(logits = b) }
model cent(v | c: f32) { v: bit ~ Bernoulli(logits = c) }
model grey(v | b: f32) { v: f32 in 0..1 ~ ContinuousBernoulli(logits = b) }
model bell(v | b: f32, c: f32) { v: f32 ~ Normal(b, c) }
model hill(v | c: f32, d: f32) { v: f32 ~ Normal(c, d) }
model peak(v | b: f32, c: f32) { v: f32 ~ Laplace(b, c) }
model spire(v | c: f32, d: f32) { v: f32 ~ Laplace(c, d) }
model flat(v | b: f32, c: f32) { v: f32 ~ Uniform(b, c) }
model even(v | c: f32, d: f32) { v: f32 ~ Uniform(c, d) }
model pick3(j | a: f32, b: f32, c: f32) { j: idx(3) ~ Categorical(logits = concat(a, b, c)) }
model pick1(j | d: f32) { j: idx(3) ~ Categorical(logits = concat(d, d, d)) }
model die(j | a: f32, b: f32, c: f32) { j: idx(3) ~ Categorical(probs = concat(a, b, c)) }
model fair(j | d: f32) { j: idx(3) ~ Categorical(probs = concat(0.5, 0.25, 0.25)) }
model swell(v | b: f32, c: f32) { v: f32 ~ LogNormal(b, c) }
model surge(v | c: f32, d: f32) { v: f32 ~ LogNormal(c, d) }
model wait(v | b: f32) { v: f32 ~ Exponential(rate = b) }
model stay(v | c: f32) { v: f32 ~ Exponential(rate = c) }
model rise(v | b: f32, c: f32) { v: f32 ~ Logistic(b, c) }
model gap(v | b: f32, c: f32) { v: f32 ~ Cauchy(b, c) }
model rift(v | c: f32, d: f32) { v: f32 ~ Cauchy(c, d) }
model tail(v | b: f32, c: f32) { v: f32 ~ StudentT(df = b, loc = 0.5, scale = c) }
model rain(v | b: f32, c: f32) { v: f32 ~ Gamma(b, c) }
model hail(v | c: f32, d: f32) { v: f32 ~ Gamma(c, d) }
model part(v | b: f32, c: f32) { v: f32 in 0..1 ~ Beta(b, c) }
model piece(v | c: f32, d: f32) { v: f32 in 0..1 ~ Beta(c, d) }
model soft(v | b: f32, c: f32) { v: f32 in 0..1 ~ RelaxedBernoulli(b, c) }
model calls(v | b: f32) { v: count ~ Poisson(rate = b) }
model mails(v | c: f32) { v: count ~ Poisson(rate = c) }
model burst(v | b: f32, c: f32) { v: count ~ NegativeBinomial(b, c) }
model wins(v | b: f32, c: f32) { v: count ~ Binomial(b, probs = c) }
model odds(v | b: f32, c: f32) { v: count ~ Binomial(total = b, logits = c) }
model pixel(v | b: f32, c: f32) { v: f32 in 0..1 ~ DiscretizedLogistic(b, c) }
model mix(v | a: f32, b: f32, c: f32) { v: f32[3] in 0..1 ~ Dirichlet(concentration = concat(a, b, c)) }
model even3(v | d: f32) { v: f32[3] in 0..1 ~ Dirichlet(concentration = concat(d, d, d)) }
model near3(v | a: f32, b: f32, c: f32, d: f32) { v: f32[3] in 0..1 ~ Concrete(temperature = d, logits = concat(a, b, c)) }
model hot3(v | a: f32, b: f32, c: f32) { v: bit[3] ~ OneHotCategorical(logits = concat(a, b, c)) }
model hot1(v | d: f32) { v: bit[3] ~ OneHotCategorical(logits = concat(d, d, d)) }
model share3(v | a: f32, b: f32, c: f32) { v: bit[3] ~ OneHotCategorical(probs = concat(a, b, c)) }
model votes(v | a: f32, b: f32, c: f32) { v: count[3] ~ Multinomial(total = 9, logits = concat(a, b, c)) }
model polls(v | a: f32, b: f32, c: f32) { v: count[3] ~ Multinomial(total = 9, probs = concat(a, b, c)) }
model cloud(v | a: f32, b: f32, c: f32, d: f32) {
  v: f32[2] ~ MultivariateNormal(loc = concat(a, b), scale_tril = reshape(concat(c, 9.0, d, c), 2, 2))
}
model haze(v | a: f32) { v: f32[2] ~ MultivariateNormal(loc = concat(a, 1.0), scale_tril = reshape(concat(2.0, 0.0, -1.0, 0.5), 2, 2)) }
model mist(v | a: f32, b: f32, c: f32, d: f32) {
  v: f32[2] ~ MultivariateNormal(loc = concat(a, b), covariance = reshape(concat(c, d, d, c), 2, 2))
}
model plane(v | a: f32, b: f32, c: f32, d: f32) {
  v: f32[3] ~ LowRankMultivariateNormal(loc = concat(a, b, 0.0), cov_factor = reshape(concat(c, d, 1.0), 3, 1), cov_diag = concat(d, 1.0, d))
}
model north(v | b: f32) { v: f32[3] ~ VonMisesFisher(loc = concat(0.0, 0.0, 2.0), concentration = b) }
model ring(v | b: f32) { v: f32[2] ~ VonMisesFisher(loc = concat(0.0, 1.0), concentration = b) }
model south(v | c: f32) { v: f32[3] ~ VonMisesFisher(loc = concat(0.0, 1.0, 1.0), concentration = c) }
model cut(v | b: f32, c: f32) { v: f32 ~ Truncated(of = Normal(b, c), low = -1, high = 2) }
model blend(v | b: f32, c: f32) { v: f32 ~ Mixture(logits = concat(b, 0.0), of = (Normal(-1, c), Laplace(c, 0.5))) }
