// Relaxed draws that cannot be: without a temperature, of families that have none, scored by what they are not.
data d from uniform(10, 1) { x: f32[1] }
param w: f32 = zeros()
prior p(z) { z: bit[3] ~ Bernoulli(probs = 0.5) }
model q(z | t: f32) { z: bit[3] ~ Bernoulli(logits = t * ones(3)) }
model k(z | t: f32) { z: idx(3) ~ Categorical(logits = t * iota(3)) }
model r(z | t: f32) { z: count ~ Poisson(rate = exp(t)) }
model s(z | t: f32) { z: f32 ~ Normal(t, 1) }
eval e on d.test batch 4 {
  report E[z ~ q(z | t = w), estimator = "relaxed"](sum(z)) as no_temperature
  report E[z ~ q(z | t = w), estimator = "relaxed", temperature = 0](sum(z)) as cold
  report E[z ~ q(z | t = w), estimator = "relaxed", temperature = ones(3)](sum(z)) as many
  report E[z ~ q(z | t = w), estimator = "relaxed", temperature = exp(x[0])](sum(z)) as of_rows
  report E[z ~ q(z | t = w), temperature = 0.5](sum(z)) as unasked
  report E[z ~ q(z | t = w), estimator = "relaxed", temperature = 0.5](log q(z | t = w) - log p(z)) as scored
  report E[z ~ k(z | t = w), estimator = "relaxed", temperature = 0.5](float(z)) as index
  report E[z ~ k(z | t = w), estimator = "straight_through"](float(z)) as index_through
  report E[z ~ r(z | t = w), estimator = "relaxed", temperature = 0.5](z) as counts
  report E[z ~ s(z | t = w), estimator = "relaxed", temperature = 0.5](z) as smooth
  report E[z ~ s(z | t = w), estimator = "straight_through"](z) as smooth_through
}

// error: RL0120 10:10 relaxed draws need a temperature
// help: write `estimator = "relaxed", temperature = 0.5`
// error: RL0120 11:67 the temperature is 0, and must be greater than 0
// help: write `estimator = "relaxed", temperature = 0.5`
// error: RL0120 12:67 the temperature is `bit[3]`, and must be one number
// help: write `estimator = "relaxed", temperature = 0.5`
// error: RL0120 13:67 the temperature depends on the example
// help: write `estimator = "relaxed", temperature = 0.5`
// error: RL0120 14:44 only relaxed draws have a temperature
// help: write `estimator = "relaxed", temperature = 0.5`
// error: RL0120 15:72 Bernoulli has no density at a relaxed draw
// help: write `KL(q(z | x) || p(z))` beside the expectation, or draw with `estimator = "straight_through"`
// error: RL0120 16:10 Categorical has no relaxed draws
// help: `OneHotCategorical` and `Bernoulli` have: a family's row `relaxed` says how
// error: RL0120 17:10 a draw of Categorical has no mean whose slope it could have
// help: `OneHotCategorical` draws vectors, `Bernoulli` numbers
// error: RL0120 18:10 Poisson has no relaxed draws
// help: `OneHotCategorical` and `Bernoulli` have: a family's row `relaxed` says how
// error: RL0120 19:10 a draw of Normal passes a gradient as it is
// help: leave `estimator` out
// error: RL0120 20:10 a draw of Normal passes a gradient as it is
// help: leave `estimator` out
