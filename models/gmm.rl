// gmm.rl - a mixture of Gaussians by expectation and maximization (Dempster, Laird and Rubin 1977): both
// steps are assignments. The code is which Gaussian, and its posterior is Bayes' rule.
dim D = 2, K = 8, N = 4000
config sweeps: int = 100

data points from gaussians8(n = N, split = 1.0) { x: f32[D] }

param mu: f32[K, D] = normal(0, 1)
param logs: f32[K] = zeros()  // log of the standard deviation
param logw: f32[K] = constant(-log(K))

prior p(c) { c: idx(K) ~ Categorical(logits = logw) }
decoder p(x | c: idx(K)) { x: f32[D] ~ Normal(mu[c], exp(logs[c])) }

// log p(x, c) for every c
fn joint(x: f32[D]) -> f32[K] =
  log_softmax(logw) - 0.5 * (distances(x) * exp(-2 * logs) + D * (2 * logs + log(2 * pi)))
fn distances(x: f32[D]) -> f32[K] = sum((expand(x, over = K) - mu)^2, over = 1)

bottleneck q(c | x: f32[D]) { c: idx(K) ~ Categorical(logits = joint(x)) }

loss nll = -logsumexp(joint(x))

train em on points.train batch N epochs sweeps {
  let r = softmax(joint(x))  // responsibilities
  let n = batch_mean(r)
  mu <- batch_mean(einsum("k, d -> k d", r, x)) / spread(n, mu, over = 1)
  logs <- 0.5 * log(batch_mean(r * distances(x)) / (D * n))
  logw <- log(n)
  track nll
}
eval test on points.train batch N {
  report nll, -elbo(p, q) as nelbo  // equal: nothing is lost with the exact posterior
}
