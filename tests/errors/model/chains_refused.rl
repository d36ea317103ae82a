data d from uniform(6, 3, split = 1.0) { v: f32[3] }
model open(v: f32[3], h: bit[2]) { factor sum(h) * sum(v) - 0.5 * sum(v^2) }
prior p(z: f32[3]) { z ~ Normal(0, 1) }
model p(x: f32[3] | z) { x ~ Normal(z, 1) }
model p(k: idx(3) | x) { k ~ Categorical(logits = x) }
net f(z: f32[3]) -> f32[3] = z |> Linear(3)
model hidden(x: f32[3]) {
  u: f32[3] ~ Normal(0, 1)
  x ~ Normal(f(u), 1)
}
eval a on d.train batch 6 { report E[v ~ hmc(open)](sum(v)) as f }
eval b on d.train batch 6 { report E[v ~ hmc(v)](sum(v)) as f }
eval c on d.train batch 6 { report E[z ~ hmc(p(z | x = v), steps = 10, keep = 20)](sum(z)) as f }
eval e on d.train batch 6 { report E[z ~ nuts(p(z | x = v), leaps = 3)](sum(z)) as f }
eval f1 on d.train batch 6 { report E[k ~ hmc(p(k | x = v))](float(k)) as f }
eval g on d.train batch 6 { report E[x ~ langevin(hidden)](sum(x)) as f }
eval h on d.train batch 6 { report E[x ~ hmc(p(x | k = 1))](sum(x)) as f }
eval i on d.train batch 6 { report E[z ~ hmc(p(z | x = v), z = v[0])](sum(z)) as f }
eval j on d.train batch 6 { report E[z ~ hmc(p(z | y = v))](sum(z)) as f }
eval k on d.train batch 6 { report E[z ~ hmc(p(z | x = v), steps = 0)](sum(z)) as f }
eval l on d.train batch 6 { report rhat(v[0]) as f }
eval m on d.train batch 6 { report E[z ~ hmc(p(z | x = v), diagnostics = 1)](sum(z)) as f }
eval n on d.train batch 6 { report E[z ~ hmc(p(z | x = v), step = "small")](sum(z)) as f }
model mixed(w: f32[3] in 0..1, n: count[2]) {
  w ~ Dirichlet(ones(3))
  n ~ Poisson(w[0])
}
eval o on d.train batch 6 { report E[w ~ hmc(mixed(w | n = ones(2)))](sum(w)) as f }
eval q on d.train batch 6 { report E[n ~ metropolis(mixed(n | w = ones(3) / 3))](sum(n)) as f }

// error: RL0122 11:46 `hmc` moves reals, and `h` is none
// help: `metropolis` moves bits, categories and counts too, and `gibbs` those of a product of factors; or sum them out: leave their name out of `p(x)`
// error: RL0105 12:46 `hmc` takes a density, this is a tensor
// help: name a `model`, or what is drawn and what is given: `p(z | x)`
// error: RL0107 13:79 20 states are to be kept of 10
// help: write `steps = 20`, or keep fewer
// error: RL0104 14:69 `nuts` has no argument `leaps`
// help: nuts(p, x = start, steps = 100, step = 0.1, depth = 6, warmup = 0)
// error: RL0122 15:47 `hmc` moves reals, and `k` is none
// help: `metropolis` moves bits, categories and counts too, and `gibbs` those of a product of factors; or sum them out: leave their name out of `p(x)`
// error: RL0115 16:51 `hidden` would have to average over every `u`
// help: a bound can be had: `elbo(p, q)` or `iwae(p, q, k = 64)` with a posterior `q`
// error: RL0117 17:46 `p` is given no `z`
// help: draw it too, in front of the bar, or give it behind the bar: `p(... | z = value)`
// error: RL0103 18:64 `z` is `f32[3]`, given `f32`
// help: declare both with the same dims
// error: RL0114 19:56 `p` is not given `y`
// help: leave it out, or let a statement of the density mention it
// error: RL0107 20:68 `steps` is 0, and must be at least 1
// help: write a whole number of at least 1
// error: RL0103 21:41 `states` of `rhat` must be the states of a chain, four or more: `f32[n]`
// help: keep the states of one number: `E[x ~ hmc(p, keep = 100)](x[:, 0])`
// error: RL0105 22:74 `diagnostics` is an integer, not true or false
// help: write `diagnostics = true`
// error: RL0105 23:67 a text where a number is needed
// help: write a number or a tensor
// error: RL0122 28:46 `hmc` moves elements one by one, and those of `w` hold each other
// help: draw reals, and compute it from these: `softmax(u)` for a simplex, `u / norm(u)` for a sphere; or a category, `idx(n)`, for a vector with a single 1
