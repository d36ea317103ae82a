// hmc.rl - Hamiltonian Monte Carlo (Duane et al. 1987; Neal 2011) beside a random walk, on densities with
// moments that are known: a correlated normal, a bent one; and on what a variational autoencoder leaves
// open, the posterior of its code, where annealing gives log p(x) beside the bound by importance sampling.
dim S = 8, D = 64, H = 64, Z = 8
config warm: int = 90
config n: int = 160
config strides: int = 1000
config leaps: int = 8
config epochs: int = 10
config many: int = 500
config temps: int = 100

// a row is a chain, and says where it starts
data chains from uniform(8, 8, low = -2, high = 2, split = (0.5, 0, 0.5)) { start: f32[S] }
data digits from uci_digits(binarize = "fixed") { x: bit[D] }

// neighbours have a correlation of 0.9; means and variances are 1
model normal(x: f32[S]) {
  factor -0.5 * (x[0] - 1)^2
  factor -0.5 * sum((x[1:] - 1 - 0.9 * (x[0:S - 1] - 1))^2) / 0.19
}
// means 0, variances 1 and 2.25
model banana(x: f32[2]) { factor -0.5 * x[0]^2 - 0.5 * ((x[1] - x[0]^2 + 1) / 0.5)^2 }

eval straight on chains.test batch 4 {
  let x = E[x ~ hmc(normal, x = start, leaps = leaps, warmup = warm, steps = n, keep = n)](x)
  report rhat(x[:, 0]) as rhat_first, rhat(x[:, S - 1]) as rhat_last, ess(x[:, 0]) as ess_first
  report mcse(x[:, 0]) as error_first, mcse(x[:, S - 1]) as error_last
  let (means, variances) = (batch_mean(mean(x, over = 0)), batch_mean(mean((x - 1)^2, over = 0)))
  report means[0] as first, means[S - 1] as last, min(variances) as least, max(variances) as most
}
eval walk on chains.test batch 4 {
  let x = E[x ~ metropolis(normal, x = start, warmup = warm, steps = strides, keep = strides)](x)
  report ess(x[:, 0]) as ess_walk
}
eval bent on chains.test batch 4 {
  let x = E[x ~ hmc(banana, x = start[0:2], step = 0.15, leaps = leaps, steps = n, keep = n)](x)
  report rhat(x[:, 0]) as rhat_0, rhat(x[:, 1]) as rhat_1
  report mcse(x[:, 0]) as error_0, mcse(x[:, 1]) as error_1, mean(x[:, 0]) as mean_0
  report mean(x[:, 1]) as mean_1, mean(x[:, 0]^2) as var_0, mean(x[:, 1]^2) / 2.25 as var_1
}

encoder enc(x: f32[D]) -> f32[H] = x |> Linear(H) |> tanh
decoder dec(z: f32[Z]) -> f32[D] = z |> Linear(H) |> tanh |> Linear(D)
bottleneck q(z: f32[Z] | x: f32[D]) {
  z ~ Normal(enc(x) |> Linear(Z), enc(x) |> Linear(Z) |> softplus)
}
prior p(z: f32[Z]) { z ~ Normal(0, 1) }
decoder p(x: bit[D] | z) { x ~ Bernoulli(logits = dec(z)) }

train fit on digits.train batch 50 epochs epochs {
  minimize -elbo(p, q) over (enc, p, q) with adam(lr = 2e-3)
}
eval open on digits.test batch 20 {
  report -elbo(p, q) as nelbo, -iwae(p, q, k = many) as nll
  report -ais(p(z | x), chains = 5, temps = temps, step = 0.15, leaps = 5) as nll_hmc
}
