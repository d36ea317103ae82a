// rbm.rl - a restricted Boltzmann machine by contrastive divergence (Hinton 2002). Conditionals, free energy
// and sampler follow from the potential; log p is known up to a constant, which annealed importance sampling
// estimates (Salakhutdinov and Murray 2008).
dim V = 64, H = 50
config k: int = 1  // sweeps of a chain in a step
config persistent: bool = false  // chains go on from step to step, else they start at the data
config size: int = 20  // of a batch
config lr: f32 = 0.02
config momentum: f32 = 0.9
config decay: f32 = 1e-3
config epochs: int = 30
config temps: int = 1000
config chains: int = 100

data rows from uci_digits(binarize = "fixed") { x: bit[V] }

model rbm(v: bit[V], h: bit[H]) {
  param W: f32[V, H] = normal(0, 0.01)
  param a: f32[V] = zeros()
  param b: f32[H] = zeros()
  factor dot(v @ W, h)
  factor dot(a, v) + dot(b, h)
}

// no gradient flows through the chain, so this has the gradient of contrastive divergence
loss cd = free_energy(rbm, v = x) - E[n ~ gibbs(rbm, v = x, steps = k)](free_energy(rbm, v = n))

// persistent contrastive divergence (Tieleman 2008)
state kept: bit[chains, V] = zeros()
fn swept(v: bit[V]) -> bit[V] {
  let n ~ gibbs(rbm, v = v, steps = k)
  return n
}

train fit on rows.train batch size epochs epochs {
  let moved = if persistent then once(map((v) => swept(v), kept)) else kept
  let low = mean(map((v) => free_energy(rbm, v = v), moved))
  let gap = if persistent then free_energy(rbm, v = x) - low else cd
  minimize gap over rbm with sgd(lr = linear(lr, 0), momentum = momentum, weight_decay = decay)
  kept <- moved
}
eval test on rows.test batch 10000 {
  // chains start at the marginals of the data: from fair bits they would need far more temperatures
  let m = 0.95 * batch_mean(x) + 0.025
  let z = ais(rbm, chains = chains, temps = temps, v = log(m) - log1p(-m))
  report -free_energy(rbm, v = x) - z as log_p, z as log_z
  report sum((x - E[h ~ rbm(h | v = x)](mean(rbm(v | h = h))))^2) as rec
}
sample dreams count 16 {
  v ~ gibbs(rbm, steps = 1000)
  emit mean(rbm(v | h = float(mean(rbm(h | v = v)) > 0.5))) as image
}
