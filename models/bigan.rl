// bigan.rl - bidirectional GAN (Donahue, Krähenbühl and Darrell 2017; Dumoulin et al. 2017): the critic sees
// pairs, an image with its code or a code with its image, so the encoder learns to invert the generator.
dim D = 64, H = 256, Z = 16, C = 10
config epochs: int = 100
config lr: f32 = 1e-3

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(C) }

encoder enc(x: f32[D]) -> f32[Z] =
  x |> Linear(H) |> leaky_relu(0.2) |> Linear(H) |> BatchNorm() |> leaky_relu(0.2) |> Linear(Z)
decoder G(z: f32[Z]) -> f32[D] =
  z |> Linear(H) |> relu |> Linear(H) |> BatchNorm() |> relu |> Linear(D) |> sigmoid
prior p(z) { z: f32[Z] ~ Normal(0, 1) }
net critic(x: f32[D], z: f32[Z]) -> f32 =
  concat(x, z) |> Linear(H) |> leaky_relu(0.2) |> Linear(H) |> leaky_relu(0.2) |> Linear(1) |> sum

loss told = E[z ~ p(z)](softplus(-critic(x, enc(x))) + softplus(critic(G(z), z)))
loss fooled = E[z ~ p(z)](softplus(critic(x, enc(x))) + softplus(-critic(G(z), z)))

train play on digits.train batch 64 epochs epochs {
  minimize told over critic with adam(lr = linear(lr, 0), b1 = 0.5)
  minimize fooled over (enc, G) with adam(lr = linear(lr, 0), b1 = 0.5)
  track told, fooled
}
eval test on digits.test batch 120 {
  let drawn = E[z ~ p(z)](G(z))
  let code = enc(x)
  report sum((x - G(enc(x)))^2) as back,
    knn_probe(code, y) as nearest,
    linear_probe(code, y) as probe
  report frechet(drawn, x) as apart
}
sample draws count 64 {
  z ~ p(z)
  emit G(z) as image
}
sample there_and_back on digits.test count 32 { emit x as image, G(enc(x)) as again }
