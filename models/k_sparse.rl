// k_sparse.rl - k-sparse autoencoder: of a linear code the k largest values are kept (Makhzani and Frey 2013).
// Units that are seldom among them get a start, or most would never learn (Ahmad and Scheinkman 2019).
dim S = 8, D = S * S, H = 200
config k: int = 10
config kmax: int = 50  // k falls to its value over the first two thirds of training
config boost: f32 = 20.0  // the start of a unit that is never kept; it ends before training does
config alpha: f32 = 3.0  // features for classification keep alpha * k values
config epochs: int = 60
config lr: f32 = 2e-3

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(10) }

param W: f32[D, H] = normal(0, 0.05)
param b: f32[H] = zeros()
param c: f32[D] = zeros()
state kept: f32[H] = zeros()  // how often each unit is

encoder enc(x: f32[D]) -> f32[H] = x @ W + b
bottleneck code(h: f32[H]) -> f32[H] = if training() then h * best(h) else top_k(h, k)
decoder dec(z: f32[H]) -> f32[D] = z @ W.T + c

fn width() = max(k, kmax * (k / kmax)^(1.5 * progress()))
fn start() = max(0, 1 - 1.3 * progress()) * boost * (k / H - kept)
fn best(h) = stop(float(top_k(h + start(), width()) != 0))

loss rec = sum((x - dec(code(enc(x))))^2)

train fit on digits.train batch 64 epochs epochs {
  kept <- kept + 0.01 * (batch_mean(best(enc(x))) - kept)
  minimize rec over (W, b, c) with adam(lr = cosine(lr, 0))
}
eval test on digits.test batch 120 {
  report rec, sum(float(code(enc(x)) != 0)) as nonzeros
  report linear_probe(top_k(enc(x), alpha * k), y) as probe
}
sample filters count 1 {
  emit reshape(W.T, H, S, S) as image
}
