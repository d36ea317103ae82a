// vib.rl - deep variational information bottleneck (Alemi, Fischer, Dillon and Murphy 2017): a code
// that tells the label and as little else as possible. `noisy=false` gives the plain net of that shape.
dim D = 64, H = 256, Z = 32, C = 10
config beta: f32 = 1e-3
config noisy: bool = true
config epochs: int = 60
config lr: f32 = 1e-3

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(C) }

encoder features(x: f32[D]) -> f32[H] = 2 * x - 1 |> Linear(H) |> relu |> Linear(H) |> relu

bottleneck q(z | x: f32[D]) {
  let h = features(x)
  z: f32[Z] ~ Normal(h |> Linear(Z), softplus((h |> Linear(Z)) - 5))
}
prior r(z) { z: f32[Z] ~ Normal(0, 1) }  // a fixed stand-in for the marginal of the code

decoder logits(z: f32[Z]) -> f32[C] = z |> Linear(C)
model d(y | z: f32[Z]) { y: idx(C) ~ Categorical(logits = logits(z)) }

loss nll = -E[z ~ q(z | x)](log d(y | z))  // at least H(Y | Z)
loss rate = KL(q(z | x) || r(z))  // at least I(Z; X)
loss vib = nll + beta * rate
loss plain = cross_entropy(logits(mean(q(z | x))), y)

train fit on digits.train batch 100 epochs epochs {
  minimize if noisy then vib else plain over (features, q, logits) with adam(lr = cosine(lr, 0))
  track nll, rate
}
eval test on digits.test batch 120 {
  let averaged = E[z ~ q(z | x), samples = 12](softmax(logits(z)))
  report nll, rate, plain
  report float(argmax(averaged) != y) as error,
    float(argmax(logits(mean(q(z | x)))) != y) as plain_error
}
