// vq_vae.rl - a discrete bottleneck: codes are rows of a codebook that follows them (van den Oord et al. 2017).
dim D = 64, H = 128, N = 8, M = 8, K = 32  // N codes of width M, out of K
config beta: f32 = 0.25  // how strongly features are drawn to their code
config decay: f32 = 0.98
config epochs: int = 60
config lr: f32 = 2e-3

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(10) }

state book: f32[K, M] = normal(0, 1)
state used: f32[K] = ones()  // moving average of how often a code is chosen

encoder enc(x: f32[D]) -> f32[N, M] = x |> Linear(H) |> relu |> Linear(N * M) |> reshape(N, M)
bottleneck code(h: f32[N, M]) -> idx(K)[N] = argmax(
    2 * h @ book.T - expand(sum(book^2, over = 1), over = N),
  over = -1
)
fn quantized(h: f32[N, M]) -> f32[N, M] = straight_through(h, book[code(h)])
decoder dec(z: f32[N, M]) -> f32[D] = z |> flatten |> Linear(H) |> relu |> Linear(D) |> sigmoid

loss rec = sum((x - dec(quantized(enc(x))))^2)
loss commit = sum((enc(x) - stop(book[code(enc(x))]))^2)

train fit on digits.train batch 64 epochs epochs {
  minimize rec + beta * commit over (enc, dec) with adam(lr = cosine(lr, 0))
  let h = enc(x)
  let one = one_hot(code(h), K)
  let count = batch_mean(sum(one, over = 0))
  let means = batch_mean(one.T @ h) / spread(max(count, 1e-6), book, over = 1)
  used <- decay * used + (1 - decay) * count
  // codes move to the mean of what they stand for; one that is not chosen any more starts anew
  let moved = where(spread(count, book, over = 1) > 0, decay * book + (1 - decay) * means, book)
  book <- where(spread(used, book, over = 1) < 0.003, reshape(batch(h), -1, M)[0:K], moved)
}
eval test on digits.test batch 120 {
  report rec, commit
}
sample reconstructions on digits.test count 16 {
  emit x as input, dec(quantized(enc(x))) as output
}
