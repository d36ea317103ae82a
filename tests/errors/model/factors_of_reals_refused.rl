data d from uniform(6, 3, split = 1.0) { v: f32[3] }
model open(v: f32[3], h: bit[2]) {
  param w: f32[3, 2] = normal(0, 1)
  param s: f32[3] = ones()
  factor dot(v @ w, h) - 0.5 * sum(s * v^2)
}
model coupled(v: f32[3]) {
  param W: f32[3, 3] = normal(0, 1)
  factor -0.5 * dot(v @ (W @ W.T), v)
}
model narrow(v: f32[3] in 0..1) { factor -sum(v^2) }
model words(k: idx(4), v: f32[3]) { factor float(k) * v[0] - 0.5 * sum(v^2) }
model fine(v: f32[3], h: bit[2]) { factor -0.5 * sum(v^2) + sum(h) * sum(v) }
eval a on d.train batch 6 { report free_energy(open, h = ones(2)) as f }
eval b on d.train batch 6 { report sum(mean(coupled(v))) as f }
eval c on d.train batch 6 { report E[v ~ gibbs(coupled)](sum(v)) as f }
eval e on d.train batch 6 { report log_z(narrow) as f }
eval f on d.train batch 6 { report ais(narrow) as f }
eval g on d.train batch 6 { report log words(k = 1 | v) as f }
eval h on d.train batch 6 { report E[v ~ gibbs(open, v = v)](sum(v)) as f }
eval i on d.train batch 6 { report ais(fine, h = 0) as f }
eval j on d.train batch 6 { report pseudo_loglik(fine, v = v) as f }
eval k on d.train batch 6 { report sum(mean(open(v | h = ones(2)))) as f }

// error: RL0129 14:36 `open` is not summed over `v`
// help: a sum follows where the potential is affine in bits and in `one_hot(k, n)`, a sum of concave squares of reals, or over 65536 values at most; give values for the others: `free_energy(p, v = v, h = h)`
// error: RL0129 15:40 `coupled` is a product of factors, known up to a constant: it cannot be drawn
// help: `free_energy(p, v = v)` is -log p(v) without the constant, `log_z(p)` the constant of a small one; `gibbs(p, v = v, steps = 10)` draws, of reals also `hmc(p)`, and conditionals are densities: `p(h | v)`
// error: RL0129 16:42 `v` of `coupled` is not drawn
// help: give every real a square of its own with a factor that is proven to be negative: `-0.5 * sum(v^2)`, `-sum((v - a)^2 / exp(s))`; `hmc(p)` draws reals of any form
// error: RL0129 17:36 the constant of `narrow` does not follow
// help: beside a block that is summed by a formula, at most 65536 values (16 bits) are gone through; `ais(p)` estimates it
// error: RL0129 18:36 `narrow` is not summed over `v`
// help: a sum follows where the potential is affine in bits and in `one_hot(k, n)`, a sum of concave squares of reals, or over 65536 values at most; give values for the others: `free_energy(p, v = v, h = h)`
// error: RL0129 19:40 no distribution of `k` given the rest follows from `words`
// help: draw one after the other: `gibbs(p, steps = 100)`
// error: RL0129 20:42 `v` of `open` is not drawn
// help: give every real a square of its own with a factor that is proven to be negative: `-0.5 * sum(v^2)`, `-sum((v - a)^2 / exp(s))`; `hmc(p)` draws reals of any form
// error: RL0103 21:50 `ais` starts from `f32[2]` for `h`, given `bit`
// help: log-odds of bits, logits of categories, means of reals: `ais(p, v = log(m) - log1p(-m))`
// error: RL0129 22:36 `pseudo_loglik` is of bits, which `v` is not made of
// help: `ais(p)` estimates the constant: log p is `-free_energy(p, ...) - ais(p)`
// error: RL0129 23:45 no distribution of `v` given the rest follows from `open`
// help: give every real a square of its own with a factor that is proven to be negative: `-0.5 * sum(v^2)`, `-sum((v - a)^2 / exp(s))`; `hmc(p)` draws reals of any form
