// cgan.rl - conditional GAN (Mirza and Osindero 2014): both players see the class. A classifier, trained
// first, says whether samples have the class that was asked for.
use "cnn.rl" as cnn
dim S = 8, D = S * S, H = 128, Z = 16, C = 10
config epochs: int = 60
config judging: int = 20
config lr: f32 = 1e-3

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(C) }
const judge = cnn.classifier(S = S)

prior noise(z) { z: f32[Z] ~ Normal(0, 1) }
net G(z: f32[Z], y: idx(C)) -> f32[D] =
  concat(z, one_hot(y, C))
  |> Linear(H)
  |> BatchNorm()
  |> relu
  |> Linear(H)
  |> BatchNorm()
  |> relu
  |> Linear(D)
  |> sigmoid
net critic(x: f32[D], y: idx(C)) -> f32 =
  concat(x, one_hot(y, C))
  |> Linear(H)
  |> leaky_relu(0.2)
  |> dropout(0.3)
  |> Linear(H)
  |> leaky_relu(0.2)
  |> Linear(1)
  |> sum

loss told = E[z ~ noise](softplus(-critic(x, y)) + softplus(critic(G(z, y), y)))
loss fooled = E[z ~ noise](softplus(-critic(G(z, y), y)))

train learn on digits.train batch 64 epochs judging {
  minimize cross_entropy(judge(x), y) over judge with adam(lr = cosine(2e-3, 0))
}
train play on digits.train batch 64 epochs epochs {
  minimize told over critic with adam(lr = linear(lr, 0), b1 = 0.5)
  minimize fooled over G with adam(lr = linear(lr, 0), b1 = 0.5)
  track told, fooled
}
eval test on digits.test batch 120 {
  let seen = E[z ~ noise](judge(G(z, y)))
  report accuracy(judge(x), y) as judge_on_data, accuracy(seen, y) as agreement
}
sample by_digit on digits.test count 60 { emit E[z ~ noise](G(z, y)) as image }
