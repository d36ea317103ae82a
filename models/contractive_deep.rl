// contractive_deep.rl - contractive autoencoder with two layers (Rifai et al. 2011): the norm of the Jacobian
// has no closed form, and is estimated by random cotangents (Hutchinson 1989).
dim D = 64, H = 96, Z = 48
config lambda: f32 = 0.5
config epochs: int = 60
config lr: f32 = 1e-3

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(10) }

bottleneck enc(x: f32[D]) -> f32[Z] = x |> Linear(H) |> sigmoid |> Linear(Z) |> sigmoid
decoder dec(h: f32[Z]) -> f32[D] = h |> Linear(H) |> sigmoid |> Linear(D) |> sigmoid

loss rec = sum((x - dec(enc(x)))^2)
loss contract = E[v: f32[Z] ~ Normal(0, 1)](frob2(vjp(enc, at = x, with = v)))
loss cae = rec + lambda * contract

train fit on digits.train batch 64 epochs epochs {
  minimize cae over (enc, dec) with adam(lr = lr)
  track rec, contract
}
eval test on digits.test batch 120 {
  report rec, linear_probe(enc(x), y) as probe
  report frob2(jacobian(enc, at = x)) as exact,
    E[v: f32[Z] ~ Normal(0, 1), samples = 64](frob2(vjp(enc, at = x, with = v))) as estimate
}
