// manifold.rl - data near a surface of few dims: how many by the distances to two neighbours (Facco et al.
// 2017), of the data and of its code, and in how many directions the decoder goes from a code.
dim D = 64, H = 128, Z = 12
config epochs: int = 40
config lr: f32 = 1e-3

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(10) }

encoder enc(x: f32[D]) -> f32[H] = x |> Linear(H) |> relu |> Linear(H) |> relu
bottleneck code(h: f32[H]) -> f32[Z] = h |> Linear(Z)
decoder dec(z: f32[Z]) -> f32[D] =
  z |> Linear(H) |> tanh |> Linear(H) |> tanh |> Linear(D) |> sigmoid

train fit on digits.train batch 64 epochs epochs {
  minimize sum((x - dec(code(enc(x))))^2) over (enc, code, dec) with adam(lr = cosine(lr, 0))
}
eval test on digits.test batch 120 {
  let z = code(enc(x))
  report two_nn(x) as dimension, two_nn(z) as code_dimension
  report rank(jacobian(dec, at = z)) as directions, sum((x - dec(z))^2) as error
}
