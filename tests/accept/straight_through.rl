// A derivative that passes a step by `stop`, and one that passes it by its score.
data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(10)
net g(x: f32[10]) -> f32[10] = x |> Linear(10)
fn hard(s) = s + stop(float(s > 0) - s)
param w: f32 = zeros()
model coin(a) { a: bit ~ Bernoulli(logits = w) }
loss through = cross_entropy(g(hard(f(x))), y)
loss score = E[a ~ coin(a), estimator = "score"](float(a > 0.5) * sum(x))
train fit on digits.train batch 64 epochs 1 {
  minimize through over (f, g) with adam(lr = 1e-3)
  minimize score over w with sgd(lr = 0.1)
}
