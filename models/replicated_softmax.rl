// replicated_softmax.rl - topics in counts of words (Salakhutdinov and Hinton 2009): a Boltzmann machine whose
// visible units are counts of a known total, multinomial given the topics. The constant depends on the total; of a
// dozen topics it is exact, and so is the gradient; contrastive divergence is beside it.
dim V = 64, H = 8
config exact: bool = true
config size: int = 100  // of a batch
config lr: f32 = 0.01
config epochs: int = 30

data docs from uci_digits() { x: count[V] }

// words that are independent of each other
param u: f32[V] = zeros()
fn unigram(v: count[V]) = dot(v, log_softmax(u))

model topics(v: count[V], h: bit[H] | n: count) {
  param W: f32[V, H] = normal(0, 0.01)
  param a: f32[V] = zeros()
  param b: f32[H] = zeros()
  v ~ Multinomial(n, logits = u + a)
  // centred at the words of an average text, else every topic starts as the average (Montavon and Muller 2012)
  factor dot((v - n * softmax(u)) @ W, h) + n / 100 * dot(b, h)
}
fn energy(v: count[V]) = free_energy(topics, v = v, n = sum(v))
fn cd(v: count[V]) = energy(v) - E[w ~ gibbs(topics, v = v, n = sum(v), steps = 1)](energy(w))
// of words in their order: how many orders a count has is left out
fn nll(v: count[V]) =
  energy(v) + log_z(topics, n = sum(v)) + lgamma(sum(v) + 1) - sum(lgamma(v + 1))

train words on docs.train batch size epochs 20 {
  minimize -unigram(x) / batch_mean(sum(x)) over u with adam(cosine(0.1))
}
train fit on docs.train batch size epochs epochs {
  let goal = if exact then nll(x) else cd(x)
  minimize goal / batch_mean(sum(x)) over topics with adam(cosine(lr))
}
eval test on docs.test batch 10000 {
  report batch_mean(nll(x)) / batch_mean(sum(x)) as nats_per_word
  report exp(batch_mean(nll(x)) / batch_mean(sum(x))) as perplexity
  report exp(-batch_mean(unigram(x)) / batch_mean(sum(x))) as perplexity_of_unigram
}
