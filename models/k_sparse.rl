// k_sparse.rl - k-sparse autoencoder: a linear code of which the k largest values are kept (Makhzani and Frey 2013).
dim S = 8, D = S * S, H = 200
config k: int = 10
config kmax: int = 50  // k falls to its value over the first half of training
config alpha: f32 = 3.0  // features for classification keep alpha * k values
config epochs: int = 60
config lr: f32 = 0.02

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(10) }

param W: f32[D, H] = normal(0, 0.05)
param b: f32[H] = zeros()
param c: f32[D] = zeros()

encoder enc(x: f32[D]) -> f32[H] = x @ W + b
bottleneck code(h: f32[H]) -> f32[H] = top_k(h, if training() then width() else k)
decoder dec(z: f32[H]) -> f32[D] = z @ W.T + c

fn width() = max(k, kmax - (kmax - k) * 2 * progress())

loss rec = sum((x - dec(code(enc(x))))^2)

train fit on digits.train batch 64 epochs epochs {
  minimize rec over (W, b, c) with sgd(lr = linear(lr, lr / 10), momentum = 0.9)
}
eval test on digits.test batch 120 {
  report rec, sum(float(code(enc(x)) != 0)) as nonzeros
  report linear_probe(top_k(enc(x), alpha * k), y) as probe
}
sample filters count 1 {
  emit reshape(W.T, H, S, S) as image
}
