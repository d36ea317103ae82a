// NADE: hidden units for each position share the weights of the inputs before it (Larochelle and Murray 2011).
dim D = 64, H = 50
config batch: int = 100
config epochs: int = 60
config lr: f32 in 1e-8..1 = 5e-3
config decay: f32 in 0..1 = 0
config held: f32 in 0..0.9 = 0.1
data digits from uci_digits(binarize = "fixed", valid = held) { x: bit[D] }

net nade(x: bit[D]) -> f32[D] {
  param W: f32[D, H] = normal(0, 0.05)
  param c: f32[H] = zeros()
  param V: f32[D, H] = normal(0, 0.05)
  param b: f32[D] = zeros()
  let before = shift(cumsum(expand(x, over = H).T * W, over = 0), 1)
  return sum(sigmoid(before + expand(c, over = D)) * V, over = 1) + b
}
model p(x) { x: bit[D] ~ Autoregressive(logits = nade) }

loss nll = -log p(x)
train fit on digits.train batch batch epochs epochs until nll stalls 10 on digits.valid {
  minimize nll over nade with adamw(lr = cosine(lr, lr / 20), weight_decay = decay)
  track nll
}
eval test on digits.test { report nll }
sample pictures count 64 {
  x ~ p(x)
  emit x as image
}
