// A Transformer that writes text character by character (Vaswani et al. 2017; norms first as in Radford et al. 2019).
// Another text: `--data verses=text:FILE --set V=N`, where `rlc data text:FILE` tells N.
dim T = 32, V = 51, D = 32
config layers: int = 2
config heads: int = 2
config batch: int = 12
config steps: int = 600
config lr: f32 in 1e-8..1 = 3e-3
data verses from text("verses.txt", stride = 1, split = (0.9, 0.1, 0)) { x: idx(V)[T] }

net gpt(x: idx(V)[T]) -> f32[T, V] {
  param tokens: f32[V, D] = normal(0, 0.02)
  param places: f32[T, D] = normal(0, 0.02)
  let h = shift(map((i) => tokens[i], x), 1) + places
  return h
    |> chain(i in 0..layers) { TransformerBlock(heads, causal = true) }
    |> LayerNorm()
    |> Linear(V)
}
model p(x) { x: idx(V)[T] ~ Autoregressive(logits = gpt) }
// Less likely characters are left out, and the text begins with that of an example.
model written(x | start: idx(V)[8]) {
  x: idx(V)[T] ~ Autoregressive(logits = (s) => begin(nucleus(gpt(s) / 0.8, 0.95), start))
}

loss nll = -log p(x) / T
train fit on verses.train batch batch steps steps {
  minimize nll over gpt with adamw(lr = warmup_cosine(lr, 100, lr / 10), clip = 1)
  track nll
}
eval valid on verses.valid { report nll }
sample texts on verses.valid count 4 {
  s ~ written(x | start = x[0:8])
  emit spell(s, verses.x) as text
}
