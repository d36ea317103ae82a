// Estimators that are asked for and cannot be made.
data d from uniform(6, 1, split = 1.0) { x: f32[1] }
model j(k, b) {
  k: bit ~ Bernoulli(logits = 0.4)
  b: f32 ~ Normal(3 * float(k), 0.1)
}
eval e on d.train batch 6 {
  report E[k ~ j(k, b), estimator = "enumerate"](b) as joint
  report E[c ~ Normal(0.4, 1), estimator = "enumerate"](c) as real
  report E[c: bit[2] ~ Bernoulli(logits = zeros(2)), estimator = "enumerate"](sum(c)) as several
  report E[c ~ Bernoulli(logits = 0.4), estimator = "pathwise"](c) as step
  report E[c ~ Bernoulli(logits = 0.4), estimator = "enumerate"](c) as coin
  report E[c ~ Normal(0.4, 1), estimator = "pathwise"](c) as smooth
  report E[c ~ Bernoulli(logits = 0.4), estimator = "score"](c) as scored
}

// error: RL0120 8:10 the values of Bernoulli, Normal cannot be summed out
// help: leave `estimator` out: one number of up to 256 values is summed out
// error: RL0120 9:10 the values of Normal cannot be summed out
// error: RL0120 10:10 the values of Bernoulli cannot be summed out
// error: RL0120 11:10 a draw of Bernoulli is no differentiable function of its parameters
// help: leave `estimator` out, or write `estimator = "score"`
