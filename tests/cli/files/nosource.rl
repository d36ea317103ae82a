// nosource.rl - an autoencoder for handwritten digits. `rlc run nosource.rl` trains it.
dim D = 64, H = 128, Z = 8
config epochs: int = 30

data digits { x: f32[D] in 0..1, y: idx(10) }

encoder enc(x: f32[D]) -> f32[H] = x |> Linear(H) |> relu
bottleneck code(h: f32[H]) -> f32[Z] = h |> Linear(Z)
decoder dec(z: f32[Z]) -> f32[D] = z |> Linear(H) |> relu |> Linear(D) |> sigmoid

loss error = sum((x - dec(code(enc(x))))^2)

train fit on digits.train batch 64 epochs epochs {
  minimize error over (enc, code, dec) with adam(lr = 1e-3)
}
eval test on digits.test batch 120 {
  report error, linear_probe(code(enc(x)), y) as probe
}
sample reconstructions on digits.test count 16 {
  emit x as input, dec(code(enc(x))) as output
}
