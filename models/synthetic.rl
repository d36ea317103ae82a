// synthetic.rl - samples in the place of data: a classifier is trained on nothing but samples of the
// conditional VAE of cvae.rl, and tested on real digits (Esteban, Hyland and Rätsch 2017).
use "cvae.rl" as cvae
dim D = 64, H = 200, Z = 10, C = 10
config epochs: int = 40
config lessons: int = 20
config lr: f32 = 1e-3

data digits from uci_digits(binarize = "stochastic") { x: bit[D], y: idx(C) }

const vae = cvae(D = D, H = H, Z = Z)
net pupil(x: bit[D]) -> f32[C] = x |> Linear(2 * H) |> relu |> dropout(0.4) |> Linear(C)

loss nelbo = KL(vae.q(z | x, y) || vae.p(z)) - E[z ~ vae.q(z | x, y)](log vae.p(x | z, y))
train fit on digits.train batch 64 epochs epochs {
  minimize nelbo over vae with adam(lr = cosine(lr, 0))
  track nelbo
}
train teach on digits.train batch 64 epochs lessons {
  minimize E[z ~ vae.p(z)](E[x ~ vae.p(x | z, y)](cross_entropy(pupil(x), y)))
    over pupil
    with adam(lr = cosine(1e-3, 0))
}
eval test on digits.test batch 120 { report accuracy(pupil(x), y) as accuracy, nelbo }
sample rows on digits.train count 100 {
  z ~ vae.p(z)
  x ~ vae.p(x | z, y)
  emit x as image
  emit y as label
}
