// Sentences translated by a Transformer that reads one and writes the other (Vaswani et al. 2017; norms first as in Radford
// et al. 2019). Own pairs: `--data 'pairs=lines:files=(A,B),valid=(C,D),test=(E,F),unknown=<unk>' --set V=N --set T=N`.
dim T = 9, V = 31, D = 64
config rows: int = 12000
config layers: int = 2
config heads: int = 4
config batch: int = 64
config epochs: int = 15
config lr: f32 in 1e-8..1 = 2e-3
config beams: int = 2
data pairs from sentences(n = rows, words = V - 1, longest = T - 1) {
  source: idx(V)[<= T],
  target: idx(V)[<= T]
}

net read(source: idx(V)[T]) -> f32[T, D] {
  param words: f32[V, D] = normal(0, 0.1)
  return words[source] + positions(T, D)
    |> chain(i in 0..layers) { TransformerBlock(heads) }
    |> LayerNorm()
}
module Written()(h: f32[T, D], from: f32[T, D]) -> f32[T, D] {
  let own = h + (h |> LayerNorm() |> MultiHeadAttention(heads, causal = true))
  let both = own + CrossAttention(heads)(own |> LayerNorm(), from)
  return both + (both |> LayerNorm() |> Feed())
}
net write(target: idx(V)[T], from: f32[T, D]) -> f32[T, V] {
  param words: f32[V, D] = normal(0, 0.1)
  let start = shift(words[target], 1) + positions(T, D)
  return start |> chain(i in 0..layers) { (h) => Written()(h, from) } |> LayerNorm() |> Linear(V)
}
decoder p(target | source: idx(V)[<= T]) {
  target: idx(V)[<= T] ~ Autoregressive(logits = (t) => write(t, read(source)))
}
fn likeliest(source: idx(V)[<= T], like: idx(V)[T]) {
  let from = read(source)
  return ended(beam_search((t) => write(t, from), like, k = beams))
}

loss nll = -log p(target | source) / length(target)
train fit on pairs.train batch batch epochs epochs {
  minimize nll over p with adam(lr = warmup_cosine(lr, 200, lr / 50), clip = 1)
  track nll
}
eval test on pairs.test {
  let found = likeliest(source, padded(target))
  report nll
  report min(float(padded(found) == padded(target))) as exact
  report bleu(found, target, end = 0) as bleu_4
}
sample written on pairs.test count 4 {
  emit spell(likeliest(source, padded(target)), pairs.target) as text
}
