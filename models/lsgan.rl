// lsgan.rl - least-squares GAN (Mao et al. 2017): the critic regresses to 1 on data and to 0 on samples. A
// classifier, trained first, says whether samples look like digits, and like all of them.
use "mlp.rl" as mlp
dim D = 64, H = 128, Z = 16, C = 10, N = 360
config epochs: int = 60
config judging: int = 20
config lr: f32 = 1e-3

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(C) }
const judge = mlp.classifier(D = D)

prior noise(z) { z: f32[Z] ~ Normal(0, 1) }
net G(z: f32[Z]) -> f32[D] =
  z |> Linear(H) |> BatchNorm() |> relu |> Linear(H) |> BatchNorm() |> relu |> Linear(D) |> sigmoid
net critic(x: f32[D]) -> f32 =
  x
  |> Linear(H)
  |> leaky_relu(0.2)
  |> dropout(0.3)
  |> Linear(H)
  |> leaky_relu(0.2)
  |> Linear(1)
  |> sum

loss told = E[z ~ noise](0.5 * (critic(x) - 1)^2 + 0.5 * critic(G(z))^2)
loss fooled = E[z ~ noise](0.5 * (critic(G(z)) - 1)^2)

train learn on digits.train batch 64 epochs judging {
  minimize cross_entropy(judge(x), y) over judge with adam(lr = cosine(1e-3, 0))
}
train play on digits.train batch 64 epochs epochs {
  minimize told over critic with adam(lr = linear(lr, 0), b1 = 0.5)
  minimize fooled over G with adam(lr = linear(lr, 0), b1 = 0.5)
  track told, fooled
}
eval test on digits.test batch N {
  let seen = E[z ~ noise](softmax(judge(G(z))))
  report accuracy(judge(x), y) as judge_on_data
  report max(seen) as sure, min(batch_mean(one_hot(argmax(seen), C))) as rarest
}
sample draws count 64 {
  z ~ noise
  emit G(z) as image
}
