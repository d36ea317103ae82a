// A word told from the mean of its neighbours: continuous bags of words with negative sampling (Mikolov et al.
// 2013). Another text: `--data 'near=cbow:text(FILE,tokens=word,min_count=5),window=5' --set V=N --set D=100`.
config V: int = 92
config D: int = 16
config W: int = 5
config batch: int = 32
config epochs: int = 60
config lr: f32 in 1e-8..1 = 0.05
data near from cbow(
  text("verses.txt", tokens = "word", min_count = 2, unknown = "drop"),
  window = W
) { center: idx(V), context: idx(V)[2 * W], weight: f32[2 * W], negatives: idx(V)[5] }
data similar from csv("similar.csv", vocabulary = "near.center", missing = "drop", split = 1) {
  first: idx(V),
  second: idx(V),
  score: f32
}

param words: f32[V, D] = uniform(-0.5 / D, 0.5 / D)
param others: f32[V, D] = zeros()

loss told {
  let bag = weight @ words[context]
  let yes = sum(bag * others[center])
  let no = others[negatives] @ bag
  return softplus(-yes) + sum(softplus(no))
}
// The sum of a batch, not its mean: each bag is a step of its own.
train fit on near.train batch batch epochs epochs {
  minimize batch * told over (words, others) with sgd(lr = linear(lr, lr / 100))
  track told
}
eval seen on near.train { report told }
eval meaning on similar.train {
  let a = words[first]
  let b = words[second]
  report spearman(sum(a * b) / (norm(a) * norm(b)), score) as similarity
}
