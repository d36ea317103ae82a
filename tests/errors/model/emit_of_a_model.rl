data digits from uci_digits(binarize = "fixed") { x: bit[64], y: idx(10) }
bottleneck q(z | x: bit[64]) { z: f32[4] ~ Normal(x |> Linear(4), 1) }
prior p(z) { z: f32[4] ~ Normal(0, 1) }
decoder p(x | z: f32[4]) { x: bit[64] ~ Bernoulli(logits = z |> Linear(64)) }
sample s count 4 { emit p as image }

// error: RL0105 5:25 a density where a number is needed
// help: take `mean(...)`, `log p(...)`, or draw inside `E[z ~ ...](...)`
