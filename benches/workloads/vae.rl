// vae.rl - speed comparison: 784-400-(20, 20), 20-400-784, relu, Adam, batch 128.
dim D = 784, H = 400, Z = 20

data d from uniform(8192, 784) { x: f32[D] in 0..1 }

encoder enc(x: f32[D]) -> f32[H] = x |> Linear(H) |> relu
bottleneck q(z | x: f32[D]) {
  let h = enc(x)
  z: f32[Z] ~ Normal(h |> Linear(Z), exp((h |> Linear(Z)) / 2))
}
prior p(z) { z: f32[Z] ~ Normal(0, 1) }
decoder dec(z: f32[Z]) -> f32[D] = z |> Linear(H) |> relu |> Linear(D)

loss rec   = E[z ~ q(z | x)](binary_cross_entropy(dec(z), x))
loss rate  = KL(q(z | x) || p(z))
loss nelbo = rec + rate

train fit on d.train batch 128 steps 1000 { minimize nelbo over (enc, q, dec) with adam(lr = 1e-3) }
