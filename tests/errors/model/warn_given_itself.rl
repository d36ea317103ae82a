data d from uci_digits(binarize = "stochastic") { x: bit[64] }
model p(x | c: bit[64]) { x: bit[64] ~ Bernoulli(logits = c |> Linear(64)) }
model r(x | z: f32[4]) { x: bit[64] ~ Bernoulli(logits = z |> Linear(64)) }
model part(a | b: bit[32]) { a: bit[32] ~ Bernoulli(logits = b |> Linear(32)) }
encoder enc(x: bit[64]) -> f32[4] = x |> Linear(4)
fn same(x: bit[64]) -> bit[64] = x
loss whole = -log p(x | x)
loss through = -log p(x | c = same(x))
loss coded = -log r(x | z = enc(x))
loss drawn = -log r(x | z = enc(x) + normal_noise(enc(x)))
loss other = -log part(a = x[0:32] | b = x[32:])
loss shared = -log part(a = x[0:32] | b = x[31:63])
loss before = -log p(x | c = shift(x, 1))
train fit on d.train batch 64 epochs 1 {
  let h = x
  minimize whole + through + coded + drawn + other + shared + before - log p(x | c = h) over (p, r, part, enc) with adam(lr = 1e-1)
}

// warning: RL0211 7:15 `p` scores `x` given a value computed from `x`
// help: condition on other data, or draw a code and pay for it: `elbo(p, q)`; a reconstruction error says so: `squared_error(x, dec(enc(x)))`
// warning: RL0211 9:15 `r` scores `x` given a value computed from `x`
// help: condition on other data, or draw a code and pay for it: `elbo(p, q)`; a reconstruction error says so: `squared_error(x, dec(enc(x)))`
// warning: RL0211 12:16 `part` scores `x` given a value computed from `x`
// help: condition on other data, or draw a code and pay for it: `elbo(p, q)`; a reconstruction error says so: `squared_error(x, dec(enc(x)))`
// warning: RL0211 16:72 `p` scores `x` given a value computed from `x`
// help: condition on other data, or draw a code and pay for it: `elbo(p, q)`; a reconstruction error says so: `squared_error(x, dec(enc(x)))`
