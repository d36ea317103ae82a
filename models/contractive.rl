// contractive.rl - contractive autoencoder with tied weights (Rifai et al. 2011).
dim D = 64, H = 96
config lambda: f32 = 1.5
config epochs: int = 60

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(10) }

param W: f32[D, H] = glorot()
param b: f32[H] = zeros()
param c: f32[D] = zeros()

encoder enc(x: f32[D]) -> f32[H] = sigmoid(x @ W + b)
decoder dec(h: f32[H]) -> f32[D] = sigmoid(h @ W.T + c)

loss rec = sum((x - dec(enc(x)))^2)
loss contract = frob2(jacobian(enc, at = x))  // || d enc / d x ||_F^2, per example
loss closed = dot((enc(x) * (1 - enc(x)))^2, sum(W^2, over = 0))  // the same for one sigmoid layer
loss cae = rec + lambda * contract

train fit on digits.train batch 64 epochs epochs {
  minimize cae over (W, b, c) with adam(lr = 1e-3)
  track rec, contract
}
eval test on digits.test batch 120 {
  report rec, contract, closed, linear_probe(enc(x), y) as probe
}
sample reconstructions on digits.test count 16 {
  emit x as input, dec(enc(x)) as output
}
