// dcgan.rl - a GAN of convolutions (Radford, Metz and Chintala 2016): strides for pooling, normalized batches;
// samples are those of an average of the generator over time. With `plain=true` the players are the nets of
// gan.rl. The distance is between features of a classifier, of samples and of data (Heusel et al. 2017).
use "gan.rl" as gan
dim S = 8, D = S * S, F = 16, H = 64, Z = 32, C = 10, N = 360
config plain: bool = false
config epochs: int = 40
config judging: int = 15
config lr: f32 = 1e-3
config keep: f32 = 0.99  // of the average, in a step

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(C) }

module Double(n: int)(x: f32[...]) -> f32[...] =
  x |> BatchNorm() |> relu |> ConvTranspose2d(n, 4, stride = 2, pad = "same")
module Halve(n: int)(x: f32[...]) -> f32[...] =
  x |> Conv2d(n, 4, stride = 2, pad = "same") |> BatchNorm() |> leaky_relu(0.2)
module Filter(n: int)(x: f32[...]) -> f32[...] =
  x |> Conv2d(n, 3, pad = "same") |> relu |> max_pool(2)
module Up()(z: f32[Z]) -> f32[D] =
  z
  |> Linear(2 * F * S / 4 * S / 4)
  |> reshape(2 * F, S / 4, S / 4)
  |> Double(F)
  |> Double(1)
  |> flatten
  |> sigmoid
module Down()(x: f32[D]) -> f32 =
  x |> reshape(1, S, S) |> Halve(F) |> Halve(2 * F) |> flatten |> Linear(1) |> sum
net G(z: f32[Z]) -> f32[D] = if plain then z |> gan.digit_G(D = D, H = 8 * F, Z = Z) else z |> Up()
net critic(x: f32[D]) -> f32 = if plain then x |> gan.digit_D(D = D, H = 8 * F) else x |> Down()
const average = copy(G)
prior noise(z) { z: f32[Z] ~ Normal(0, 1) }

net features(x: f32[D]) -> f32[H] =
  x |> reshape(1, S, S) |> Filter(F) |> Filter(2 * F) |> flatten |> Linear(H) |> relu
net judge(h: f32[H]) -> f32[C] = h |> Linear(C)

train learn on digits.train batch 64 epochs judging {
  minimize cross_entropy(judge(features(x)), y) over (features, judge) with adam(cosine(2e-3, 0))
}
train play on digits.train batch 64 epochs epochs {
  minimize E[z ~ noise](softplus(-critic(x)) + softplus(critic(G(z))))
    over critic
    with adam(lr, b1 = 0.5)
  minimize E[z ~ noise](softplus(-critic(G(z)))) over G with adam(lr, b1 = 0.5)
  average <- keep * average + (1 - keep) * G
}
eval test on digits.test batch N {
  let drawn = features(E[z ~ noise](average(z)))
  let real = features(x)
  report frechet(drawn, real) as fid, accuracy(judge(real), y) as judge_on_data
  report min(batch_mean(one_hot(argmax(judge(drawn)), C))) as rarest
}
sample draws count 64 {
  z ~ noise
  emit average(z) as image
}
