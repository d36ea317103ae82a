// sparse_l1.rl - sparse autoencoder: more units than inputs, held back by the sum of their activities
// (Olshausen and Field 1996). The rows of the dictionary have norm 1, or the code could hide from the penalty.
dim D = 64, H = 128
config lambda: f32 = 0.3
config epochs: int = 100
config lr: f32 = 2e-3

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(10) }

param A: f32[H, D] = normal(0, 1)
param b: f32[H] = zeros()
param c: f32[D] = zeros()
fn dictionary() -> f32[H, D] = A / spread(sqrt(sum(A^2, over = 1) + 1e-8), A, over = 1)

bottleneck code(x: f32[D]) -> f32[H] = relu((x - c) @ dictionary().T + b)
decoder dec(h: f32[H]) -> f32[D] = h @ dictionary() + c

loss rec = sum((x - dec(code(x)))^2)
loss l1 = sum(abs(code(x)))
loss sparse = rec + lambda * min(1, 2 * progress()) * l1  // slowly, or units die before they have learned

train fit on digits.train batch 64 epochs epochs {
  minimize sparse over (A, b, c) with adam(lr = cosine(lr, 0))
  track rec, l1
}
eval test on digits.test batch 120 {
  report rec, mean(float(code(x) > 0)) as active, linear_probe(code(x), y) as probe
}
sample reconstructions on digits.test count 16 {
  emit x as input, dec(code(x)) as output
}
