// A language model of LSTM layers over characters (Hochreiter and Schmidhuber 1997; Graves 2013).
// Another text: `--data verses=text:FILE --set V=N`, where `rlc data text:FILE` tells N.
dim T = 32, V = 51, D = 32, H = 64
config layers: int = 2
config batch: int = 16
config steps: int = 600
config lr: f32 in 1e-8..1 = 5e-3
data verses from text("verses.txt", stride = 1, split = (0.9, 0.1, 0)) { x: idx(V)[T] }

net lm(x: idx(V)[T]) -> f32[T, V] {
  param tokens: f32[V, D] = normal(0, 1)
  return shift(map((i) => tokens[i], x), 1) |> chain(i in 0..layers) { LSTM(H) } |> Linear(V)
}
model p(x) { x: idx(V)[T] ~ Autoregressive(logits = lm) }

loss nll = -log p(x) / T
train fit on verses.train batch batch steps steps {
  minimize nll over lm with adam(lr = warmup_cosine(lr, 100, lr / 10), clip = 1)
  track nll
}
eval valid on verses.valid { report nll }
sample texts count 4 {
  x ~ p(x)
  emit spell(x, verses.x) as text
}
