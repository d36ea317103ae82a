// anomaly.rl - one class is normal, and what an autoencoder of that class cannot draw is not (Japkowicz,
// Myers and Gluck 1995): the score is the error of the reconstruction.
dim D = 64, H = 128, Z = 8
config class: int = 0  // the class that is trained on
config epochs: int = 200
config lr: f32 = 1e-3

data digits from uci_digits(class = class) { x: f32[D] in 0..1, y: idx(10) }

encoder enc(x: f32[D]) -> f32[H] = x |> Linear(H) |> relu |> Linear(H) |> relu
bottleneck code(h: f32[H]) -> f32[Z] = h |> Linear(Z)
decoder dec(z: f32[Z]) -> f32[D] =
  z |> Linear(H) |> relu |> Linear(H) |> relu |> Linear(D) |> sigmoid

loss error = sum((x - dec(code(enc(x))))^2)

train fit on digits.train batch 32 epochs epochs {
  minimize error over (enc, code, dec) with adam(lr = cosine(lr, 0))
}
eval test on digits.test batch 120 {
  report auc(error, y != class) as auc, error
}
sample reconstructions on digits.test count 16 {
  emit x as input, dec(code(enc(x))) as output
}
