// vae_gan.rl - VAE with a learned distance (Larsen et al. 2016): images are compared by a layer of a critic,
// which tells data from reconstructions and from draws of the prior.
dim D = 64, H = 256, Z = 16, C = 10
config gamma: f32 = 0.1  // price of the distance beside the wish to fool the critic
config spread: f32 = 0.3  // deviation of the critic's layer, given the code
config epochs: int = 100
config lr: f32 = 2e-3

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(C) }

encoder enc(x: f32[D]) -> f32[H] = x |> Linear(H) |> relu |> Linear(H) |> relu
bottleneck q(z | x: f32[D]) {
  let h = enc(x)
  z: f32[Z] ~ Normal(h |> Linear(Z), exp((h |> Linear(Z)) / 2))
}
prior p(z) { z: f32[Z] ~ Normal(0, 1) }
decoder dec(z: f32[Z]) -> f32[D] =
  z |> Linear(H) |> relu |> Linear(H) |> relu |> Linear(D) |> sigmoid
net layer(x: f32[D]) -> f32[H] = x |> Linear(H) |> leaky_relu(0.2)
net critic(l: f32[H]) -> f32 = l |> Linear(H) |> leaky_relu(0.2) |> Linear(1) |> sum

// -log p(layer(x) | z) but for a constant
loss distance = E[z ~ q(z | x)](0.5 * sum(((layer(x) - layer(dec(z))) / spread)^2))
loss rate = KL(q(z | x) || p(z))
fn made(x: f32[D], way) =
  E[z ~ q(z | x)](softplus(way * critic(layer(dec(z)))))
  + E[z ~ p(z)](softplus(way * critic(layer(dec(z)))))
loss told = softplus(-critic(layer(x))) + made(x, 1)

train fit on digits.train batch 64 epochs epochs {
  minimize distance + rate over (enc, q) with adam(lr = linear(lr, 0))
  minimize gamma * distance + made(x, -1) over dec with adam(lr = linear(lr, 0))
  minimize told over (layer, critic) with adam(lr = linear(0.1 * lr, 0))
  track distance, rate, told
}
eval test on digits.test batch 120 {
  let drawn = E[z ~ p(z)](dec(z))
  report distance, rate, E[z ~ q(z | x)](sum((x - dec(z))^2)) as rec
  report frechet(drawn, x) as apart
}
sample draws count 64 {
  z ~ p(z)
  emit dec(z) as image
}
