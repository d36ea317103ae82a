// sbn.rl - a sigmoid belief net (Neal 1992): visible bits given hidden ones, whose posterior is a layer
// (Mnih and Gregor 2014). A draw of bits has no slope. The score function, each draw held against the others,
// has the right one on average (Kool, van Hoof and Welling 2019); that of relaxed draws varies less and is
// biased (Jang, Gu and Poole 2017).
dim V = 64, H = 16
config relaxed: bool = false
config lr: f32 = 0.01
config epochs: int = 60

data rows from uci_digits(binarize = "fixed") { x: bit[V] }

param a: f32[H] = zeros()
prior p(z) { z: bit[H] ~ Bernoulli(logits = a) }
decoder p(x | z: bit[H]) { x: bit[V] ~ Bernoulli(logits = (2 * z - 1) |> Linear(V)) }
bottleneck q(z | x: bit[V]) { z: bit[H] ~ Bernoulli(logits = (2 * x - 1) |> Linear(H)) }

// every bit by itself: what a model of the data has to be better than
param c: f32[V] = zeros()
model alone(x) { x: bit[V] ~ Bernoulli(logits = c) }

loss rate = KL(q(z | x) || p(z))
loss fit_of_draws =
  if relaxed
  then E[z ~ q(z | x), estimator = "relaxed", temperature = 0.5](log p(x | z))
  else E[z ~ q(z | x), samples = 5, estimator = "score", baseline = "leave_one_out"](log p(x | z))
loss bound = rate - fit_of_draws
loss single = -log alone(x)

train fit on rows.train batch 50 epochs epochs {
  minimize bound over (p, q, a) with adam(lr = linear(lr, 0))
  minimize single over c with adam(lr = linear(0.1, 0))
}
eval test on rows.test batch 500 {
  report -elbo(p, q) as nelbo, -iwae(p, q, k = 500) as nll, single as independent
}
