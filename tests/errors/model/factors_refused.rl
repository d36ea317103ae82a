data d from uniform(6, 3, split = 1.0) { v: bit[3] }
model p(v: bit[3], h: bit[2]) {
  param w: f32[3, 2] = normal(0, 1)
  factor dot(v @ w, h)
}
model wild(v: bit[3], h: bit[20]) {
  param w: f32[3, 20] = normal(0, 1)
  factor sum(tanh(h * (v @ w)))
}
model mixed(v: bit[3]) {
  z: f32[3] ~ Normal(0, 1)
  factor dot(z, v)
}
model many(v: bit[3]) { factor v }
model plain(v) { v: bit[3] ~ Bernoulli(logits = 0) }
model open(v: bit[3] | c: f32) { factor c * sum(v) }
eval a on d.train batch 6 { report log p(v, h = zeros(2)) as f }
eval b on d.train batch 6 { report E[v ~ p(v)](sum(v)) as f }
eval c on d.train batch 6 { report E[h ~ wild(h | v)](sum(h)) as f }
eval e on d.train batch 6 { report free_energy(wild, v = v) as f }
eval f on d.train batch 6 { report log_z(wild) as f }
eval g on d.train batch 6 { report sum(mean(mixed(v))) as f }
eval h on d.train batch 6 { report free_energy(many, v = v) as f }
eval i on d.train batch 6 { report free_energy(plain, v = v) as f }
eval j on d.train batch 6 { report free_energy(p, u = v) as f }
eval k on d.train batch 6 { report log_z(open) as f }
eval l on d.train batch 6 { report E[n ~ gibbs(p, v = v, steps = 0)](sum(n)) as f }

// error: RL0129 11:3 `mixed` is a product of factors, and draws nothing itself
// help: write its log-probability as a factor, or declare `z` in another density
// error: RL0113 14:32 a factor is one real number, this is `bit[3]`
// help: add its elements: `sum(...)`, `dot(a, b)`
// error: RL0129 17:36 `p` is a product of factors, known up to a constant: it cannot be scored
// help: `free_energy(p, v = v)` is -log p(v) without the constant, `log_z(p)` the constant of a small one; `gibbs(p, v = v, steps = 10)` draws, of reals also `hmc(p)`, and conditionals are densities: `p(h | v)`
// error: RL0129 18:42 `p` is a product of factors, known up to a constant: it cannot be scored or drawn in part
// help: `free_energy(p, v = v)` is -log p(v) without the constant, `log_z(p)` the constant of a small one; `gibbs(p, v = v, steps = 10)` draws, of reals also `hmc(p)`, and conditionals are densities: `p(h | v)`
// error: RL0129 19:42 no distribution of `h` given the rest follows from `wild`
// help: draw one after the other: `gibbs(p, steps = 100)`
// error: RL0129 20:36 `wild` is not summed over `h`
// help: a sum follows where the potential is affine in bits and in `one_hot(k, n)`, a sum of concave squares of reals, or over 65536 values at most; give values for the others: `free_energy(p, v = v, h = h)`
// error: RL0129 21:36 the constant of `wild` does not follow
// help: beside a block that is summed by a formula, at most 65536 values (16 bits) are gone through; `ais(p)` estimates it
// error: RL0129 24:48 `plain` is no product of factors
// help: a directed density is scored by `log p(x)` and drawn by `z ~ p(z)`
// error: RL0104 25:55 `free_energy` has no argument `u`
// help: free_energy(p, v = v)
// error: RL0117 26:36 `open` is given no `c`
// help: add `c = value`
// error: RL0107 27:66 `steps` is 0, and must be at least 1
// help: write a whole number of at least 1
