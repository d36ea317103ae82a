// Baselines that are none: of an estimator without score, of the draws themselves, of another shape.
data d from uniform(10, 1) { x: f32[1] }
param w: f32 = zeros()
model q(z | t: f32) { z: bit[3] ~ Bernoulli(logits = t * ones(3)) }
model pair(z, y | t: f32) {
  z: bit[3] ~ Bernoulli(logits = t * ones(3))
  y: f32 ~ Normal(sum(z), 1)
}
eval e on d.test batch 4 {
  report E[z ~ q(z | t = w), baseline = 2](sum(z)) as unasked
  report E[z ~ q(z | t = w), estimator = "pathwise", baseline = 2](sum(z)) as other
  report E[z ~ q(z | t = w), estimator = "score", baseline = sum(z)](sum(z)) as seeing
  report E[z ~ q(z | t = w), estimator = "score", baseline = ones(2)](sum(z)) as wide
  report E[z ~ q(z | t = w), estimator = "score", baseline = "mean"](sum(z)) as word
  report E[z ~ q(z | t = w), estimator = "score", baseline = "leave_one_out"](sum(z)) as alone
}

// error: RL0120 10:41 a baseline is for the score function
// help: write `estimator = "score"` beside it
// error: RL0120 11:65 a baseline is for the score function
// help: write `estimator = "score"` beside it
// error: RL0101 12:66 nothing is called `z`
// help: declare it: `dim`, `config`, `const`, `param`, `net`, `fn`, or a field of `data`
// error: RL0103 13:62 the baseline is `bit[2]`, and what is averaged `f32`
// help: a baseline is one number, or of the same shape
// error: RL0104 14:62 one of "leave_one_out" is needed
// help: write "leave_one_out"
// error: RL0120 15:62 one draw has no others to be held against
// help: write `samples = 2` or more
