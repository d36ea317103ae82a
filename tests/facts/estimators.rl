// Estimators that are asked for, at every place where an average can stand: in functions, `map`, loops,
// other averages, losses of phases. For two coins of p = sigmoid(t): E (a + b)^2 = 2 p + 2 p^2, its slope
// (2 + 4 p) p (1 - p); the slope of the mean of their sum 2 p (1 - p), which draws that have the slope of
// their mean give without any spread.
data d from uniform(400, 1, split = 1.0) { x: f32[1] }
param a: f32 = constant(0.3)
param b: f32 = constant(0.3)
param c: f32 = constant(0.3)
param e: f32 = constant(0.3)
param f: f32 = constant(0.3)
param v: f32[2] = constant(0.3)
param g: f32[2] = constant(0.3)
state average: f32 = 1.8

model coins(k | t: f32) { k: bit[2] ~ Bernoulli(logits = t * ones(2)) }
// A family of a file: what it says of `mean` and `relaxed` is used as that of the library is.
distribution Coin(l: f32) on bit {
  draw    = float(uniform_noise() < sigmoid(l))
  logp    = x * l - softplus(l)
  mean    = sigmoid(l)
  relaxed = sigmoid(l) ^ temperature
}
// A coin and what depends on it: a path beside a draw that has none.
model behind(k, y | t: f32) {
  k: bit ~ Bernoulli(logits = t)
  y: f32 ~ Normal(2 * k, 0.5)
}
model pick(k) { k: bit[3] ~ OneHotCategorical(logits = iota(3) - 1) }

fn zero(x: f32[1]) -> f32 = 0 * sum(x)
fn others(t: f32) -> f32 = E[k ~ coins(k | t = t), samples = 500, estimator = "score", baseline = "leave_one_out"](sum(k)^2)
fn less(t: f32, b: f32) -> f32 = E[k ~ coins(k | t = t), samples = 500, estimator = "score", baseline = b](sum(k)^2)
fn through(t: f32) -> f32 = E[k ~ coins(k | t = t), estimator = "straight_through"](sum(k))

eval slopes on d.train batch 400 {
  report grad((t) => others(t), at = a + zero(x)) as of_others
  report grad((t) => less(t, average), at = a + zero(x)) as of_baseline
  report grad((t) => less(0.3, t), at = a + zero(x)) as of_what_is_taken
  report grad((s) => grad((t) => others(t), at = s), at = a + zero(x)) as second
  report sum(jacobian((w) => map((t) => others(t), w), at = v + zero(x))) as both_points
  report grad((t) => through(t), at = a + zero(x)) as of_mean
  report sum(jacobian((w) => map((t) => through(t), w), at = v + zero(x))) as of_means
  report grad((t) => E[k: bit ~ Coin(t), estimator = "straight_through"](3 * k), at = a + zero(x)) as of_own
  report E[k: bit ~ Coin(0.3), estimator = "relaxed", temperature = 2](k) + zero(x) as own_relaxed
  report grad((t) => E[y ~ behind(k, y | t = t), estimator = "straight_through"](y), at = a + zero(x)) as of_behind
  report E[k ~ pick(k), samples = 50, estimator = "relaxed", temperature = 0.7](sum(k)) + zero(x) as simplex
  report E[k ~ pick(k), samples = 50, estimator = "straight_through"](max(k) - sum(k)) + zero(x) as one_hot
}
// The baseline of a phase: a state that follows the average.
train followed on d.train batch 400 steps 1 {
  minimize less(b, average) + zero(x) over b with sgd(lr = 1)
  average <- 0.9 * average + 0.1 * batch_mean(less(b, 0))
}
train carried on d.train batch 400 steps 1 {
  minimize last(scan(h = c + zero(x), t in 0..1) { return others(h) }) over c with sgd(lr = 1)
}
train sequence on d.train batch 400 steps 1 {
  minimize sum(scan(h = zero(x), t in g) { return through(t) }) over g with sgd(lr = 1)
}
train nested on d.train batch 400 steps 1 {
  minimize E[z ~ Normal(e, 0.5), samples = 20](E[k: bit[2] ~ Bernoulli(logits = z * ones(2)), samples = 20, estimator = "score", baseline = "leave_one_out"](sum(k)^2)) + zero(x) over e with sgd(lr = 1)
}
// Rows that depend on each other's coins: the square of their mean over the batch, whose slope is
// 2 p p (1 - p) and a little.
train mixed on d.train batch 400 steps 1 {
  minimize E[k ~ Bernoulli(logits = f), samples = 500, estimator = "score", baseline = "leave_one_out"](batch_mean(k)^2) + zero(x) over f with sgd(lr = 1)
}
eval moved on d.train batch 400 { report 0.3 - b as followed, 0.3 - c as carried, 0.6 - sum(g) as elements, 0.3 - e as inner, 0.3 - f as of_rows }

// At 0.3, over 200,000 draws: 1.0506.
// fact: of_others > 1.041
// fact: of_others < 1.061
// fact: of_baseline > 1.041
// fact: of_baseline < 1.061
// fact: followed > 1.03
// fact: followed < 1.07
// fact: carried > 1.03
// fact: carried < 1.07
// No gradient flows into a baseline.
// fact: of_what_is_taken = 0
// fact: both_points > 2.08
// fact: both_points < 2.12
// fact: second > 0.0026
// fact: second < 0.1626
// 2 p (1 - p), and twice that; 3 p (1 - p)
// fact: of_mean = 0.488917
// fact: of_means = 0.977834
// fact: elements = 0.977834
// fact: of_own = 0.733375
// fact: of_behind = 0.488917
// p^2
// fact: own_relaxed = 0.330002
// fact: simplex = 1
// fact: one_hot = 0
// fact: inner > 0.905
// fact: inner < 1.065
// fact: of_rows > 0.2
// fact: of_rows < 0.36
