// prune.rl - a variational autoencoder with a code wider than the data need, and a classifier of the code:
// values that cost less than `least` nats are closed, and the error hardly moves.
dim D = 64, H = 200, Z = 40, C = 10
config least: f32 = 0.01
config epochs: int = 60
config weight: f32 = 20.0  // of the label beside the image
config lr: f32 = 3e-3

data digits from uci_digits(binarize = "stochastic") { x: bit[D], y: idx(C) }

encoder features(x: bit[D]) -> f32[H] = x |> Linear(H) |> relu |> Linear(H) |> relu

bottleneck q(z | x: bit[D]) {
  let h = features(x)
  z: f32[Z] ~ Normal(h |> Linear(Z), exp((h |> Linear(Z)) / 2))
}
prior p(z) { z: f32[Z] ~ Normal(0, 1) }

decoder p(x | z: f32[Z]) {
  x: bit[D] ~ Bernoulli(logits = z |> Linear(H) |> relu |> Linear(H) |> relu |> Linear(D))
}
net logits(z: f32[Z]) -> f32[C] = z |> Linear(H) |> relu |> Linear(C)

loss nelbo = -elbo(p, q)
loss nll = E[z ~ q(z | x)](cross_entropy(logits(z), y))
loss wrong = float(argmax(logits(mean(q(z | x)))) != y)

train fit on digits.train batch 32 epochs epochs {
  minimize nelbo + weight * nll over (features, q, p, logits) with adam(lr = cosine(lr, 0))
}
eval whole on digits.test batch 120 { report wrong as whole_error, nelbo as whole_nelbo }
train close on digits.train batch 32 epochs 1 { prune q below least }
eval test on digits.test batch 120 { report wrong as error, nelbo }
