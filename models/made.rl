// MADE: an autoencoder whose weights are masked so that no output sees its own input or a later one (Germain, Gregor,
// Murray and Larochelle 2015).
dim D = 64, H = 500
config batch: int = 100
config epochs: int = 60
config lr: f32 in 1e-8..1 = 2e-3
config decay: f32 in 0..1 = 0
config held: f32 in 0..0.9 = 0.1
data digits from uci_digits(binarize = "fixed", valid = held) { x: bit[D] }

// Unit k sees the first degree[k] inputs, and is seen by the outputs behind them.
const degree = int(iota(H) * (D - 1) / H) + 1
const into = float(expand(degree, over = D) > expand(int(iota(D)), over = H).T)
const out = float(expand(int(iota(D)), over = H) >= expand(degree, over = D).T)

net made(x: bit[D]) -> f32[D] = MaskedLinear(D)(relu(MaskedLinear(H)(x, into)), out)
model p(x) { x: bit[D] ~ Autoregressive(logits = made) }

loss nll = -log p(x)
train fit on digits.train batch batch epochs epochs until nll stalls 10 on digits.valid {
  minimize nll over made with adamw(lr = cosine(lr, lr / 20), weight_decay = decay)
  track nll
}
eval test on digits.test { report nll }
sample pictures count 64 {
  x ~ p(x)
  emit x as image
}
