// contractive.rl - contractive autoencoder with tied weights (Rifai et al. 2011), then the encoder as the
// first layer of a classifier. `lambda=0` is the plain autoencoder of the same schedule.
dim D = 64, H = 96, C = 10
config lambda: f32 = 1.5
config epochs: int = 60
config tuning: int = 60  // epochs of fine-tuning

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(C) }

param W: f32[D, H] = glorot()
param b: f32[H] = zeros()
param c: f32[D] = zeros()

bottleneck enc(x: f32[D]) -> f32[H] = sigmoid(x @ W + b)
decoder dec(h: f32[H]) -> f32[D] = sigmoid(h @ W.T + c)
net top(h: f32[H]) -> f32[C] = h |> Linear(C)

loss rec = sum((x - dec(enc(x)))^2)
loss contract = frob2(jacobian(enc, at = x))  // || d enc / d x ||_F^2, per example
loss closed = dot((enc(x) * (1 - enc(x)))^2, sum(W^2, over = 0))  // the same for one sigmoid layer
loss cae = rec + lambda * contract
loss nll = cross_entropy(top(enc(x)), y)

train fit on digits.train batch 64 epochs epochs {
  minimize cae over (W, b, c) with adam(lr = 1e-3)
  track rec, contract
}
eval test on digits.test batch 120 {
  report rec, contract, closed, linear_probe(enc(x), y) as probe
}
train tune on digits.train batch 64 epochs tuning {
  minimize nll over (W, b, top) with adam(lr = cosine(3e-3, 0))
}
eval tuned on digits.test batch 120 { report float(argmax(top(enc(x))) != y) as error }
sample reconstructions on digits.test count 16 {
  emit x as input, dec(enc(x)) as output
}
