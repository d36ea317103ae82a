// cnn.rl - a convolutional classifier: local filters, shared over the image, and pooling (LeCun et al. 1998).
dim S = 8, C = 10, F = 16
config window: int = 3
config epochs: int = 30
config lr: f32 = 2e-3
config drop: f32 = 0.3
config shift: int = 1  // pixels by which the robustness test moves images
config plain: bool = false  // a multi-layer perceptron instead, for comparison

data digits from uci_digits() { x: f32[S * S] in 0..1, y: idx(C) }

module ConvNet()(x: f32[S * S]) -> f32[C] =
  x
  |> reshape(1, S, S)
  |> Conv2d(F, window, pad = "same")
  |> BatchNorm()
  |> relu
  |> max_pool(2)
  |> Conv2d(2 * F, window, pad = "same")
  |> BatchNorm()
  |> relu
  |> max_pool(2)
  |> flatten
  |> Linear(8 * F)
  |> relu
  |> dropout(drop)
  |> Linear(C)
module PlainNet()(x: f32[S * S]) -> f32[C] =
  x |> Linear(50 * F) |> relu |> dropout(drop) |> Linear(C)
net classifier(x: f32[S * S]) -> f32[C] = if plain then x |> PlainNet() else x |> ConvNet()

fn right(x: f32[S * S], y: idx(C)) -> f32 = float(argmax(classifier(x)) == y)
fn moved(x: f32[S * S]) -> f32[S * S] =
  reshape(x, S, S) |> translate(random_offset(x, shift), random_offset(x, shift)) |> flatten

loss nll = cross_entropy(classifier(x), y)

train fit on digits.train batch 64 epochs epochs {
  let logits = classifier(x)
  minimize cross_entropy(logits, y) over classifier with adam(lr = cosine(lr, 0))
  track float(argmax(logits) == y) as accuracy
}
eval test on digits.test batch 120 {
  report nll, right(x, y) as accuracy, right(moved(x), y) as shifted
}
