// autoencoder.rl - a deep autoencoder (Hinton and Salakhutdinov 2006), trained end to end with Adam.
dim D = 64, H1 = 256, H2 = 128, H3 = 64, Z = 8
config epochs: int = 100
config lr: f32 = 1e-3

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(10) }

encoder enc(x: f32[D]) -> f32[H3] =
  x |> Linear(H1) |> relu |> Linear(H2) |> relu |> Linear(H3) |> relu
bottleneck code(h: f32[H3]) -> f32[Z] = h |> Linear(Z)
decoder dec(z: f32[Z]) -> f32[D] =
  z |> Linear(H3) |> relu |> Linear(H2) |> relu |> Linear(H1) |> relu |> Linear(D) |> sigmoid

loss error = sum((x - dec(code(enc(x))))^2)

train fit on digits.train batch 64 epochs epochs {
  minimize error over (enc, code, dec) with adam(lr = cosine(lr, 0))
}
eval test on digits.test batch 120 {
  report error, linear_probe(code(enc(x)), y) as probe
  report kmeans_accuracy(code(enc(x)), y) as clusters, nmi(code(enc(x)), y) as nmi
}
sample reconstructions on digits.test count 16 {
  emit x as input, dec(code(enc(x))) as output
}
