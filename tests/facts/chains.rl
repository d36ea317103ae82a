// Chains on densities: an eight-dimensional normal that is far from round, a posterior, a marginal of a
// product of factors, all from starts that are far off; warm-up finds the size of the steps.
dim D = 8
data starts from uniform(8, 8, low = -3, high = 3, split = (0.5, 0, 0.5)) { start: f32[D] }

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

eval run on starts.test batch 4 {
  let x = E[x ~ nuts(target, x = start, warmup = 300, steps = 600, keep = 600)](x)
  report rhat(x[:, 0]) as rhat_first, rhat(x[:, 7]) as rhat_last, ess(x[:, 7]) as ess_last
  report mean(x[:, 7]) as mean_last, mcse(x[:, 7]) as error_last, ess_tail(x[:, 7]) as tail_last
  report min(batch_mean(spread(x))) as least, max(batch_mean(spread(x))) as most
  // z[0] given x is normal with precision 1 + 8 * 4 / 16 = 3
  let z = E[z ~ hmc(p(z | x = 0 * start + 1), warmup = 300, steps = 1500, keep = 1500)](z)
  report mean(z[:, 0]) as z_mean, mean((z[:, 0] - 1 / 3)^2) as z_var, mean(z[:, 1]^2) as other_var
  // of a alone: exp(-a^2 / 2) (1 + exp(a - 1/2))^3
  let a = E[a ~ hmc(pair(a), step = 0.8, leaps = 3, steps = 3000, keep = 2800)](a)
  report mean(a) as a_mean, mean(a^2) as a_square
  report E[x ~ hmc(target, x = start, step = 100, diagnostics = true)](diverged) as diverged
  report E[x ~ hmc(target, x = start, step = 0.01, diagnostics = true)](accepted) as accepted
  report E[x ~ hmc(target, x = start, step = 0.01, diagnostics = true)](step) as step
}
// fact: rhat_first < 1.02
// fact: rhat_last < 1.02
// fact: ess_last > 1000
// fact: tail_last > 500
// fact: mean_last > 0.5
// fact: mean_last < 1.5
// fact: error_last < 0.25
// fact: least > 0.8
// fact: most < 1.2
// fact: z_mean > 0.30
// fact: z_mean < 0.37
// fact: z_var > 0.29
// fact: z_var < 0.38
// fact: other_var > 0.9
// fact: other_var < 1.1
// fact: a_mean > 2.37
// fact: a_mean < 2.57
// fact: a_square > 7.3
// fact: a_square < 8.1
// fact: diverged > 0.9
// fact: accepted > 0.999
// fact: step = 0.01
