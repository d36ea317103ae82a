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
