// Chains on densities: a normal that is far from round, a posterior, a marginal of a product of factors, from
// starts that are far off; warm-up finds the size of the steps. Many chains, each a row, and few steps.
dim D = 3
data starts from uniform(512, 3, low = -3, high = 3, split = (0.5, 0, 0.5)) { start: f32[D] }

model target(x: f32[D]) {
  factor -0.5 * sum(((x - 1) / (0.5 + iota(D)))^2)
}
prior p(z: f32[2]) { z ~ Normal(0, 1) }
decoder p(x: f32[D] | z) { x ~ Normal(2 * z[0] + 0 * iota(D), 4) }
model pair(a: f32, h: bit[3]) {
  factor -0.5 * a^2
  factor (a - 0.5) * sum(h)
}
fn spread(x: f32[n, d]) = mean((x - 1)^2, over = 0) / (0.5 + iota(d))^2

eval run on starts.test batch 256 {
  let x = E[x ~ nuts(target, x = start, warmup = 30, steps = 20, keep = 20, depth = 3)](x)
  report rhat(x[:, 0]) as rhat_first, rhat(x[:, D - 1]) as rhat_last, ess(x[:, D - 1]) as ess_last
  report mean(x[:, D - 1]) as mean_last, mcse(x[:, D - 1]) as error_last, ess_tail(x[:, D - 1]) as tail_last
  report min(batch_mean(spread(x))) as least, max(batch_mean(spread(x))) as most
  // z[0] given x is normal with precision 1 + 3 * 4 / 16 = 7 / 4 and mean 6 / 16 / (7 / 4) = 3 / 14
  let z = E[z ~ hmc(p(z | x = 0 * start + 1), warmup = 30, steps = 30, keep = 20, leaps = 4)](z)
  report mean(z[:, 0]) as z_mean, mean((z[:, 0] - 3 / 14)^2) as z_var, mean(z[:, 1]^2) as other_var
  // of a alone: exp(-a^2 / 2) (1 + exp(a - 1/2))^3
  let a = E[a ~ hmc(pair(a), step = 0.8, leaps = 3, steps = 40, keep = 25)](a)
  report mean(a) as a_mean, mean(a^2) as a_square
  report E[x ~ hmc(target, x = start, step = 100, steps = 3, diagnostics = true)](diverged) as diverged
  report E[x ~ hmc(target, x = start, step = 0.01, steps = 3, diagnostics = true)](accepted) as accepted
  report E[x ~ hmc(target, x = start, step = 0.01, steps = 3, diagnostics = true)](step) as step
  // log p(x) by annealing: x is normal with variances 4 z^2 + 16 along (1, 1, 1), 16 across
  let exact = -0.5 * (3 * log(2 * pi) + log(28) + 2 * log(16) + sum(start)^2 / 3 / 28
    + (sum(start^2) - sum(start)^2 / 3) / 16)
  report ais(p(z | x = start), chains = 2, temps = 30, step = 0.3, leaps = 2) - exact as log_p_off
}
// fact: rhat_first < 1.1
// fact: rhat_last < 1.1
// fact: ess_last > 1000
// fact: tail_last > 500
// fact: mean_last > 0.7
// fact: mean_last < 1.3
// fact: error_last < 0.1
// fact: least > 0.8
// fact: most < 1.2
// fact: z_mean > 0.19
// fact: z_mean < 0.24
// fact: z_var > 0.53
// fact: z_var < 0.62
// fact: other_var > 0.93
// fact: other_var < 1.07
// fact: a_mean > 2.40
// fact: a_mean < 2.54
// fact: a_square > 7.4
// fact: a_square < 8.0
// fact: diverged > 0.9
// fact: accepted > 0.999
// fact: step = 0.01
// fact: log_p_off > -0.05
// fact: log_p_off < 0.02
