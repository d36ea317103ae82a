// An LSTM (Hochreiter and Schmidhuber 1997) and a Transformer of one block (Vaswani et al. 2017, norms
// first): values at fixed weights are those of PyTorch, no output depends on a later token, and both
// learn to say the next token of cycles, whose direction the first one does not tell: ln 2 / 5 is left.
dim T = 6, M = 4, V = 3
data d from npz("tokens.npz", split = 1.0) { s: idx(V)[T] }

fn wave(n, s) = 0.5 * sin(s + 1.7 * iota(n))
param table: f32[V, M] = reshape(wave(12, 1), V, M)
param Wx: f32[M, 4 * M] = reshape(wave(64, 2), M, 4 * M)
param Wh: f32[M, 4 * M] = reshape(wave(64, 3), M, 4 * M)
param b: f32[4 * M] = wave(16, 4)
param out: f32[M, V] = reshape(wave(12, 5), M, V)
fn embedded(s: idx(V)[T]) -> f32[T, M] = map((i) => table[i], s)

net lstm(xs: f32[T, M]) -> f32[T, V] {
  let zero = 0 * xs[0]
  let both = scan(h = concat(zero, zero), x in xs) {
    let z = x @ Wx + h[0:M] @ Wh + b
    let c = sigmoid(z[M:2 * M]) * h[M:] + sigmoid(z[0:M]) * tanh(z[2 * M:3 * M])
    return concat(sigmoid(z[3 * M:]) * tanh(c), c)
  }
  return both[:, 0:M] @ out
}

param Q: f32[M, M] = reshape(wave(16, 6), M, M)
param K: f32[M, M] = reshape(wave(16, 7), M, M)
param U: f32[M, M] = reshape(wave(16, 8), M, M)
param O: f32[M, M] = reshape(wave(16, 9), M, M)
param F1: f32[M, 8] = reshape(wave(32, 10), M, 8)
param F2: f32[8, M] = reshape(wave(32, 11), 8, M)
param place: f32[T, M] = reshape(wave(24, 12), T, M)
fn normed(x) = (x - spread(mean(x, over = 1), x, over = 1)) / spread(sqrt(mean(x^2, over = 1) - mean(x, over = 1)^2 + 1e-5), x, over = 1)
fn hidden() = float(expand(iota(T), over = T) > expand(iota(T), over = T).T)
fn heads(x: f32[T, M]) -> f32[T, 2, 2] = reshape(x, T, 2, 2)
fn attend(x: f32[T, M]) -> f32[T, M] {
  let scores = einsum("t h e, s h e -> h t s", heads(x @ Q), heads(x @ K)) / sqrt(2.0)
  let weights = softmax(scores - 1e9 * expand(hidden(), over = 2), over = 2)
  return reshape(einsum("h t s, s h e -> t h e", weights, heads(x @ U)), T, M) @ O
}
net transformer(xs: f32[T, M]) -> f32[T, V] {
  let x = xs + place
  let y = x + attend(normed(x))
  return (y + gelu(normed(y) @ F1) @ F2) @ out
}

fn next(l: f32[T, V], s: idx(V)[T]) -> f32 = mean(map((t) => cross_entropy(l[t], s[t + 1]), int(iota(T - 1))))
// how much outputs of early tokens depend on later inputs
fn ahead(j) = sum(abs(sum(abs(j), over = (1, 3)) * hidden()))
fn leak_lstm(x: f32[T, M]) = ahead(reshape(jacobian(lstm, at = x), T, V, T, M))
fn leak_transformer(x: f32[T, M]) = ahead(reshape(jacobian(transformer, at = x), T, V, T, M))
loss by_lstm = next(lstm(embedded(s)), s)
loss by_transformer = next(transformer(embedded(s)), s)

eval start on d.train batch 4 {
  report by_lstm, by_transformer
  report leak_lstm(embedded(s)) as leak_lstm, leak_transformer(embedded(s)) as leak_transformer
}
train one on d.train batch 12 steps 1 {
  minimize by_lstm over Wh with sgd(lr = 1)
  minimize by_transformer over (Q, F1) with sgd(lr = 1)
}
eval after on d.train batch 12 {
  report Wh[0, 0] as Wh_0, Wh[3, 15] as Wh_63, Q[0, 0] as Q_0, Q[3, 3] as Q_15, F1[3, 7] as F1_31
}
train fit on d.train batch 12 steps 150 {
  minimize by_lstm over (table, Wx, Wh, b, out) with adam(lr = 0.05)
  minimize by_transformer over (table, Q, K, U, O, F1, F2, place, out) with adam(lr = 0.02)
}
eval end on d.train batch 12 { report by_lstm as end_lstm, by_transformer as end_transformer }

// fact: leak_lstm == 0
// fact: leak_transformer == 0
// fact: end_lstm < 0.2
// fact: end_transformer < 0.2

// by tools/programs.py
// fact: by_lstm = 1.0990483
// fact: by_transformer = 1.3620177
// fact: Wh_0 = 0.0708903
// fact: Wh_63 = -0.0716349
// fact: Q_0 = -0.1389841
// fact: Q_15 = 0.0427551
// fact: F1_31 = -0.0829792
