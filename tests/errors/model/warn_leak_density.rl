data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
bottleneck q(z | x: f32[64]) { z: f32[4] ~ Normal(x |> Linear(4), 1) }
prior p(z) { z: f32[4] ~ Normal(0, 1) }
decoder d(y | z: f32[4], x: f32[64]) { y: idx(10) ~ Categorical(logits = concat(z, x) |> Linear(10)) }
loss a = -E[z ~ q(z | x)](log d(y | z, x)) + KL(q(z | x) || p(z))
train fit on digits.train batch 64 epochs 1 {
  minimize a over (q, d) with adam(lr = 1e-3)
}

// warning: RL0206 5:27 decoder `d` sees `x` round the bottleneck
// help: feed the decoder from the bottleneck only, or call what it takes a `net`
// also: 1:33 reaches it without passing a bottleneck
