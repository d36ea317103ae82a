// the smallest variational autoencoder: every stage of it is a snapshot
dim D = 4, Z = 2
data d from uniform(16, 4) { x: f32[D] in 0..1 }
bottleneck q(z | x: f32[D]) { z: f32[Z] ~ Normal(x |> Linear(Z), 1) }
prior p(z) { z: f32[Z] ~ Normal(0, 1) }
decoder p(x | z: f32[Z]) { x: f32[D] in 0..1 ~ ContinuousBernoulli(logits = z |> Linear(D)) }
loss nelbo = -elbo(p, q)
train fit on d.train batch 2 steps 1 { minimize nelbo over (q, p) with sgd(lr = 0.1) }
