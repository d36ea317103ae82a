// mlp.rl - a multi-layer perceptron that classifies digits (Rumelhart, Hinton and Williams 1986).
dim D = 64, H = 200, C = 10
config epochs: int = 80
config low: f32 = 0.0  // range of the inputs
config high: f32 = 1.0
config lr: f32 = 3e-3
config drop: f32 = 0.4
config rows: int = 0  // train on so many rows only; 0: on all
config labels: str = "true"  // "shuffled": labels that say nothing of the image (Zhang et al. 2017)

data digits from uci_digits(rows = rows, labels = labels) { x: f32[D] in low..high, y: idx(C) }

net classifier(x: f32[D]) -> f32[C] = x |> Linear(H) |> relu |> dropout(drop) |> Linear(C)

loss nll = cross_entropy(classifier(x), y)

train fit on digits.train batch 64 epochs epochs {
  let logits = classifier(x)
  minimize cross_entropy(logits, y) over classifier with adam(lr = cosine(lr, 0))
  track float(argmax(logits) == y) as accuracy
}
eval seen on digits.train batch 120 {
  report float(argmax(classifier(x)) == y) as train_accuracy
}
eval test on digits.test batch 120 {
  report nll, float(argmax(classifier(x)) == y) as accuracy
}
