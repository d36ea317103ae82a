// weight_information.rl - the nats that the weights hold about the training set (Hinton and van Camp 1993;
// Achille and Soatto 2018): Gaussian weights, drawn per example in front of each unit (Kingma, Salimans and
// Welling 2015), each nat at the price beta. `labels=shuffled`: labels that say nothing of the image.
dim D = 64, H = 256, C = 10, N = 1437  // N: rows of the training split
config beta: f32 = 0.03
config labels: str = "true"
config epochs: int = 200
config lr: f32 = 2e-3

data digits from uci_digits(rows = N, labels = labels) { x: f32[D] in 0..1, y: idx(C) }

param M1: f32[D, H] = glorot()
param M2: f32[H, H] = glorot()
param M3: f32[H, C] = glorot()
param S1: f32[D, H] = constant(-4)  // log of the noise's standard deviation
param S2: f32[H, H] = constant(-4)
param S3: f32[H, C] = constant(-4)
param b1: f32[H] = zeros()
param b2: f32[H] = zeros()
param p: f32[3] = constant(-2)  // log of the prior's, of every layer

// the units of a layer with Gaussian weights are Gaussian
fn noisy(x, M, S) = x @ M + sqrt(x^2 @ exp(2 * S) + 1e-10) * normal_noise(M[0])
fn nats(M, S, s) = sum(s - S + 0.5 * exp(-2 * s) * (exp(2 * S) + M^2) - 0.5)  // KL to Normal(0, exp(s))

net classifier(x: f32[D]) -> f32[C] = noisy(
  relu(noisy(relu(noisy(x, M1, S1) + b1), M2, S2) + b2),
  M3,
  S3
)

loss nll = cross_entropy(classifier(x), y)
loss weight = (nats(M1, S1, p[0]) + nats(M2, S2, p[1]) + nats(M3, S3, p[2])) / N
loss bound = nll + beta * weight

train fit on digits.train batch 100 epochs epochs {
  minimize bound over (M1, M2, M3, S1, S2, S3, b1, b2, p) with adam(lr = cosine(lr, 0))
  track nll, weight
}
eval seen on digits.train batch 100 {
  report float(argmax(classifier(x)) == y) as train_accuracy, weight as nats_per_example
}
eval test on digits.test batch 120 {
  report nll, float(argmax(classifier(x)) != y) as error
}
