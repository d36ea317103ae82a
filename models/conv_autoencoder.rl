// conv_autoencoder.rl - a convolutional autoencoder: strided convolutions down, transposed ones up (Masci et al. 2011).
dim S = 8, D = S * S, F = 12, Z = 8
config epochs: int = 60
config lr: f32 = 3e-3

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(10) }

encoder enc(x: f32[D]) -> f32[2 * F, S / 4, S / 4] =
  x
  |> reshape(1, S, S)
  |> Conv2d(F, 3, stride = 2, pad = "same")
  |> relu
  |> Conv2d(2 * F, 3, stride = 2, pad = "same")
  |> relu
bottleneck code(h: f32[2 * F, S / 4, S / 4]) -> f32[Z] = h |> flatten |> Linear(Z)
decoder dec(z: f32[Z]) -> f32[D] =
  z
  |> Linear(2 * F * S / 4 * S / 4)
  |> relu
  |> reshape(2 * F, S / 4, S / 4)
  |> ConvTranspose2d(F, 4, stride = 2, pad = "same")
  |> relu
  |> ConvTranspose2d(1, 4, stride = 2, pad = "same")
  |> flatten
  |> sigmoid

loss error = sum((x - dec(code(enc(x))))^2)

train fit on digits.train batch 64 epochs epochs {
  minimize error over (enc, code, dec) with adam(lr = cosine(lr, 0))
}
eval test on digits.test batch 120 {
  report error, linear_probe(code(enc(x)), y) as probe
}
sample reconstructions on digits.test count 16 {
  emit x as input, dec(code(enc(x))) as output
}
