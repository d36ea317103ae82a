// Topics as a code of a text's counts of words: the neural variational document model (Miao, Yu and Blunsom 2016).
// Words of a text are drawn one by one from a softmax of the code. Newsgroups: `--data docs=svmlight:TRAIN,test=TEST
// --set V=2000 --set groups=20`.
dim V = 64, H = 64, Z = 8, groups = 10
config size: int = 64
config epochs: int = 30
config lr: f32 in 1e-8..1 = 2e-3
config rising: f32 in 1e-3..1 = 0.3  // the part of training in which the rate comes to count in full
data docs from uci_digits() { x: count[V], y: idx(groups) }

// words that are independent of each other
param u: f32[V] = zeros()
fn unigram(v: count[V]) = dot(v, log_softmax(u))

prior p(z) { z: f32[Z] ~ Normal(0, 1) }
encoder q(z | v: count[V]) {
  let h = log1p(v) |> Linear(H) |> relu |> dropout(0.2) |> Linear(H) |> relu
  z: f32[Z] ~ Normal(h |> Linear(Z), exp(0.5 * clip(h |> Linear(Z), -8, 8)))
}
// of words in their order: how many orders a count has is left out
net words(z: f32[Z]) -> f32[V] = u + (z |> Linear(V))
fn told(v: count[V], z: f32[Z]) = dot(v, log_softmax(words(z)))
loss rate = KL(q(z | v = x) || p(z))
loss rec = -E[z ~ q(z | v = x)](told(x, z))

train first on docs.train batch size epochs 20 {
  minimize -unigram(x) / batch_mean(sum(x)) over u with adam(cosine(0.1))
}
train fit on docs.train batch size epochs epochs {
  minimize (rec + min(progress() / rising, 1) * rate) / batch_mean(sum(x))
    over (q, words)
    with adam(cosine(lr, 0))
  track rec, rate
}
eval test on docs.test batch 10000 {
  report exp(batch_mean(rec + rate) / batch_mean(sum(x))) as perplexity
  report exp(-batch_mean(unigram(x)) / batch_mean(sum(x))) as perplexity_of_unigram
  report batch_mean(rate) as rate
}
eval clusters on docs.test { report nmi(mean(q(z | v = x)), y) as groups_told }
