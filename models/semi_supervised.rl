// semi_supervised.rl - features from all images without labels, then a classifier from a few labels. Two
// views of an image, shifted and with a piece hidden, get codes that find each other in the batch
// (Chen et al. 2020).
dim S = 8, H = 256, F = 64, Z = 64, C = 10
config far: int = 1  // pixels of the shift
config heat: f32 = 0.1
config epochs: int = 60
config each: int = 10  // labels of each class
config draw: int = 0  // which ones

data digits from uci_digits() { x: f32[S, S] in 0..1, y: idx(C) }
data labelled from uci_digits(per_class = each, seed = draw) { u: f32[S, S] in 0..1, label: idx(C) }

encoder features(x: f32[S, S]) -> f32[H] =
  x
  |> reshape(1, S, S)
  |> Conv2d(F / 4, 3, pad = "same")
  |> relu
  |> max_pool(2)
  |> Conv2d(F / 2, 3, pad = "same")
  |> relu
  |> max_pool(2)
  |> flatten
  |> Linear(H)
  |> relu
bottleneck code(f: f32[H]) -> f32[Z] = f |> Linear(Z) |> relu |> Linear(Z)
fn unit(z) = z / (norm(z) + 1e-6)
fn away(x, n) = float(abs(iota(S) + 0.5 - S / 2 - random_offset(x, S / 4)) > n)
// a square is hidden
fn view(x: f32[S, S]) -> f32[S, S] =
  translate(x, random_offset(x, far), random_offset(x, far))
  * max(spread(away(x, S / 6), x, over = 1), spread(away(x, S / 6), x, over = 0))

net on_features(x: f32[H]) -> f32[C] = x |> Linear(C)
net on_pixels(x: f32[S, S]) -> f32[C] = x |> flatten |> Linear(C)
net on_pixels_deep(x: f32[S, S]) -> f32[C] = x |> flatten |> Linear(H) |> relu |> Linear(C)

train unlabelled on digits.train batch 256 epochs epochs {
  let a = unit(code(features(view(x))))
  let b = unit(code(features(view(x))))
  minimize logsumexp((batch(b) @ a) / heat) - dot(a, b) / heat
    over (features, code)
    with adam(lr = cosine(2e-3, 0))
}
train few on labelled.train batch 100 steps 600 {
  minimize cross_entropy(on_features(stop(features(u))), label)
    over on_features
    with adam(lr = 3e-3)
  minimize cross_entropy(on_pixels(u), label) over on_pixels with adam(lr = 3e-3)
  minimize cross_entropy(on_pixels_deep(u), label) over on_pixels_deep with adam(lr = 1e-3)
}
eval test on digits.test batch 120 {
  report float(argmax(on_features(features(x))) == y) as accuracy,
    float(argmax(on_pixels(x)) == y) as pixels,
    float(argmax(on_pixels_deep(x)) == y) as pixels_deep
}
eval probes on digits.test batch 120 { report linear_probe(features(x), y) as probe }
