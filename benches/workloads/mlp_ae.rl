// mlp_ae.rl - speed comparison: 784-512-256-32-256-512-784, relu, cross-entropy, Adam, batch 128.
dim D = 784, Z = 32

data d from uniform(8192, 784) { x: f32[D] in 0..1 }

encoder enc(x: f32[D]) -> f32[256] = x |> Linear(512) |> relu |> Linear(256) |> relu
bottleneck code(h: f32[256]) -> f32[Z] = h |> Linear(Z)
decoder dec(z: f32[Z]) -> f32[D] = z |> relu |> Linear(256) |> relu |> Linear(512) |> relu |> Linear(D)

loss rec = binary_cross_entropy(dec(code(enc(x))), x)

train fit on d.train batch 128 steps 1000 { minimize rec over (enc, code, dec) with adam(lr = 1e-3) }
