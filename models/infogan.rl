// infogan.rl - InfoGAN (Chen et al. 2016): the generator gets a category and two numbers that a head of the
// critic must read back from the sample, a bound on their information. The categories become the digits.
dim D = 64, H = 128, Z = 32, C = 10
config epochs: int = 60
config lambda: f32 = 1.0
config lr: f32 = 1e-3

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(C) }

prior noise(z, c, v) {
  z: f32[Z] ~ Normal(0, 1)
  c: idx(C) ~ Categorical(logits = zeros(C))
  v: f32[2] ~ Uniform(-1, 1)
}
module Wide()(x: f32[...]) -> f32[H] = x |> Linear(H) |> BatchNorm() |> relu
net G(z: f32[Z], c: idx(C), v: f32[2]) -> f32[D] =
  concat(z, one_hot(c, C), v) |> Wide() |> Wide() |> Linear(D) |> sigmoid
net features(x: f32[D]) -> f32[H] =
  x |> Linear(H) |> leaky_relu(0.1) |> Linear(H) |> leaky_relu(0.1)
net critic(h: f32[H]) -> f32 = h |> Linear(1) |> sum
net category(h: f32[H]) -> f32[C] = h |> Linear(C)
model q(c, v | h: f32[H]) {
  c: idx(C) ~ Categorical(logits = category(h))
  v: f32[2] ~ Normal(h |> Linear(2), 1)
}
loss told = E[z ~ noise(z, c, v)](
  softplus(-critic(features(x))) + softplus(critic(features(G(z, c, v))))
)
loss fooled = E[z ~ noise(z, c, v)](
  softplus(-critic(features(G(z, c, v)))) - lambda * log q(c, v | h = features(G(z, c, v)))
)

train play on digits.train batch 64 epochs epochs {
  minimize told over (features, critic) with adam(lr = 2e-4, b1 = 0.5)
  minimize fooled over (G, features, category, q) with adam(lr = lr, b1 = 0.5)
  track told, fooled
}
eval test on digits.test batch 120 {
  let code = one_hot(argmax(category(features(x))), C)
  report kmeans_accuracy(code, y) as accuracy
}
