// Words told from their neighbours and other words: skip-grams with negative sampling (Mikolov et al. 2013).
// Another text: `--data 'near=skipgrams:text(FILE,tokens=word,min_count=5)' --set V=N --set D=100`, and
// `--data similar=csv:PAIRS` of words with their similarity.
config V: int = 92
config D: int = 16
config batch: int = 32
config epochs: int = 60
config lr: f32 in 1e-8..1 = 0.025
data near from skipgrams(
  text("verses.txt", tokens = "word", min_count = 2, unknown = "drop"),
  window = 5
) { center: idx(V), context: idx(V), negatives: idx(V)[5] }
data similar from csv("similar.csv", vocabulary = "near.center", missing = "drop", split = 1) {
  first: idx(V),
  second: idx(V),
  score: f32
}

param words: f32[V, D] = uniform(-0.5 / D, 0.5 / D)
param others: f32[V, D] = zeros()

// Each pair is a step of its own, as in the papers' program: the sum of a batch, not its mean.
loss told {
  let word = words[center]
  let yes = sum(word * others[context])
  let no = others[negatives] @ word
  return softplus(-yes) + sum(softplus(no))
}
train fit on near.train batch batch epochs epochs {
  minimize batch * told over (words, others) with sgd(lr = linear(lr, lr / 100))
  track told
}
eval seen on near.train { report told }
// Whether words that people find alike have vectors of one direction.
eval meaning on similar.train {
  let a = words[first]
  let b = words[second]
  report spearman(sum(a * b) / (norm(a) * norm(b)), score) as similarity
}
