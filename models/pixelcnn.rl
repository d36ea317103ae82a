// PixelCNN: convolutions whose masks hide a pixel and all that follow it row by row (van den Oord, Kalchbrenner and
// Kavukcuoglu 2016), in residual blocks.
dim S = 8, C = 32
config layers: int = 3
config first: int = 5
config batch: int = 50
config epochs: int = 30
config lr: f32 in 1e-8..1 = 2e-3
config held: f32 in 0..0.9 = 0.1
data digits from uci_digits(binarize = "fixed", valid = held) { x: bit[S, S] }

module Block()(h: f32[C, S, S]) -> f32[C, S, S] {
  let u = relu(h) |> Conv2d(C / 2, 1) |> relu |> MaskedConv2d(C / 2, 3, own = true)
  return h + (relu(u) |> Conv2d(C, 1))
}
net pixels(x: bit[S, S]) -> f32[S, S] {
  let h =
    reshape(x, 1, S, S) |> MaskedConv2d(C, first, own = false) |> chain(i in 0..layers) { Block() }
  return reshape(relu(h) |> Conv2d(C, 1) |> relu |> Conv2d(1, 1), S, S)
}
model p(x) { x: bit[S, S] ~ Autoregressive(logits = pixels) }

loss nll = -log p(x)
train fit on digits.train batch batch epochs epochs until nll stalls 5 on digits.valid {
  minimize nll over pixels with adam(lr = cosine(lr, lr / 20))
  track nll
}
eval test on digits.test { report nll }
sample pictures count 64 {
  x ~ p(x)
  emit x as image
}
