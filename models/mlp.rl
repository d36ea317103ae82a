// mlp.rl - a multi-layer perceptron that classifies digits (Rumelhart, Hinton and Williams 1986).
dim D = 64, H = 200, C = 10
config epochs: int = 80
config lr: f32 = 3e-3
config drop: f32 = 0.4

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(C) }

net classifier(x: f32[D]) -> f32[C] = x |> Linear(H) |> relu |> dropout(drop) |> Linear(C)

loss nll = cross_entropy(classifier(x), y)

train fit on digits.train batch 64 epochs epochs {
  minimize nll over classifier with adam(lr = cosine(lr, 0))
  track float(argmax(classifier(x)) == y) as accuracy
}
eval test on digits.test batch 120 {
  report nll, float(argmax(classifier(x)) == y) as accuracy
}
