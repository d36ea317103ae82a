// synthetic.rl - samples in the place of data: a classifier is trained on nothing but samples of the
// conditional GAN of cgan.rl, and tested on real digits (Esteban, Hyland and Rätsch 2017).
use "cgan.rl" as cgan
dim S = 8, D = S * S, H = 128, Z = 16, C = 10
config epochs: int = 60
config lessons: int = 30
config lr: f32 = 1e-3

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(C) }

const gan = cgan(S = S, H = H, Z = Z)
net pupil(x: f32[D]) -> f32[C] = x |> Linear(2 * H) |> relu |> dropout(0.4) |> Linear(C)

fn drawn(y: idx(C)) = E[z ~ gan.noise(z)](gan.G(z, y))

train play on digits.train batch 64 epochs epochs {
  minimize E[z ~ gan.noise(z)](softplus(-gan.critic(x, y)) + softplus(gan.critic(gan.G(z, y), y)))
    over gan.critic
    with adam(lr = linear(lr, 0), b1 = 0.5)
  minimize E[z ~ gan.noise(z)](softplus(-gan.critic(gan.G(z, y), y)))
    over gan.G
    with adam(lr = linear(lr, 0), b1 = 0.5)
}
train teach on digits.train batch 64 epochs lessons {
  minimize cross_entropy(pupil(drawn(y)), y) over pupil with adam(lr = cosine(1e-3, 0))
}
eval test on digits.test batch 120 { report accuracy(pupil(x), y) as accuracy }
sample rows on digits.train count 100 {
  emit drawn(y) as image
  emit y as label
}
