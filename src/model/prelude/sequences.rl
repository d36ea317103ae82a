// sequences.rl - layers of sequences. A sequence is `f32[t, d]`, a vector for each position; what looks at
// positions before only says so, and `Autoregressive` proves it.

// a state for each position: tanh of the input, the state before it and weights; it is 0 before the first
// position (Elman 1990). `reverse` goes from the last position to the first, here and below
module RNN(n: int, reverse: bool = false)(x: f32[t, d]) -> f32[t, n] {
  param U: f32[n, n] = glorot()
  let a = turned_round(x, reverse) |> Linear(n)
  return turned_round(scan(h = zeros(n), u in a) { return tanh(u + h @ U) }, reverse)
}

// a recurrent net with gates that reset and update its state (Cho et al. 2014), the reset gate on the product
// as in Chung et al. 2014
module GRU(n: int, reverse: bool = false)(x: f32[t, d]) -> f32[t, n] {
  param U: f32[n, 3 * n] = uniform(-sqrt(1 / n), sqrt(1 / n))
  param b: f32[n] = zeros()
  let a = turned_round(x, reverse) |> Linear(3 * n)
  let states = scan(h = zeros(n), u in a) {
    let w = h @ U
    let reset = sigmoid(u[0:n] + w[0:n])
    let keep = sigmoid(u[n:2 * n] + w[n:2 * n])
    let new = tanh(u[2 * n:] + reset * (w[2 * n:] + b))
    return keep * h + (1 - keep) * new
  }
  return turned_round(states, reverse)
}

// a recurrent net with a memory cell (Hochreiter and Schmidhuber 1997) and a gate that forgets, open at first
// (Gers, Schmidhuber and Cummins 2000); gives the states, not the cells
module LSTM(n: int, reverse: bool = false)(x: f32[t, d]) -> f32[t, n] {
  param U: f32[n, 4 * n] = uniform(-sqrt(1 / n), sqrt(1 / n))
  let a = turned_round(x, reverse) |> Linear(4 * n)
  let states = scan(s = (h = zeros(n), c = zeros(n)), u in a) {
    let v = u + s.h @ U
    let c = sigmoid(v[n:2 * n] + 1) * s.c + sigmoid(v[0:n]) * tanh(v[2 * n:3 * n])
    return (h = sigmoid(v[3 * n:]) * tanh(c), c = c)
  }
  return turned_round(states.h, reverse)
}

// a sequence from its last position to its first, or as it is
fn turned_round(x: f32[t, d], reverse: bool) = if reverse then flip(x, over = 0) else x

// what each query gets of the values whose keys are like it (Vaswani et al. 2017)
fn attention(q: f32[t, d], k: f32[s, d], v: f32[s, e]) -> f32[t, e] = softmax(q @ k.T / sqrt(d)) @ v

// the same of the positions up to its own, none of which is behind an end
fn causal_attention(q: f32[t, d], k: f32[t, d], v: f32[t, e]) -> f32[t, e] =
  softmax(where(causal_mask(t), padded(q) @ padded(k).T / sqrt(d), -1e9)) @ padded(v) |> ends_like(q)

// the parts of a vector for so many heads: a sequence for each
fn split_heads(x: f32[t, d], n: int) = permute(reshape(x, t, n, d / n), 1, 0, 2)

// and the parts together
fn join_heads(x: f32[n, t, d]) -> f32[t, n * d] = reshape(permute(x, 1, 0, 2), t, n * d)

// pairs of coordinates turned by angles that grow with the position, so that products tell distances (Su et
// al. 2021)
fn rotary(x: f32[t, d], base = 10000.0) {
  let angles = outer(iota(t), base^(-2 * iota(d / 2) / d))
  let (a, b) = halves(x)
  return concat(a * cos(angles) - b * sin(angles), a * sin(angles) + b * cos(angles))
}

// sines and cosines of the positions at many wave lengths (Vaswani et al. 2017)
fn positions(t: int, d: int, base = 10000.0) {
  let angles = outer(iota(t), base^(-2 * iota(d / 2) / d))
  let both = concat(expand(sin(angles), over = 1), expand(cos(angles), over = 1), over = 0)
  return reshape(permute(both, 1, 2, 0), t, d)
}

// attention by several heads at once (Vaswani et al. 2017): of all positions, or of those up to its own
module MultiHeadAttention(heads: int, causal: bool = false, turns: bool = false)(x: f32[t, d]) -> f32[t, d] {
  let q = split_heads(x |> Linear(d), heads)
  let k = split_heads(x |> Linear(d), heads)
  let v = split_heads(x |> Linear(d), heads)
  let placed = if turns then (q = map(rotary, q), k = map(rotary, k)) else (q = q, k = k)
  let f = if causal then causal_attention else attention
  return join_heads(map(f, placed.q, placed.k, v)) |> Linear(d)
}

// attention of the positions of one sequence to all of another (Vaswani et al. 2017)
module CrossAttention(heads: int)(x: f32[t, d], to: f32[s, e]) -> f32[t, d] =
  join_heads(map(attention, split_heads(x |> Linear(d), heads), split_heads(to |> Linear(d), heads), split_heads(to |> Linear(d), heads)))
    |> Linear(d)

// attention and two layers for each position, each added to what goes in; norms stand before them (Radford et
// al. 2019), or behind the sums (Vaswani et al. 2017)
module TransformerBlock(heads: int, wide = 4, causal: bool = false, turns: bool = false, post: bool = false)(
  x: f32[t, d]
) -> f32[t, d] {
  let look = MultiHeadAttention(heads, causal, turns)
  let y = if post then (x + look(x)) |> LayerNorm() else x + look(x |> LayerNorm())
  return if post then (y + Feed(wide)(y)) |> LayerNorm() else y + Feed(wide)(y |> LayerNorm())
}

// two layers for each position
module Feed(wide = 4)(x: f32[t, d]) -> f32[t, d] = x |> Linear(wide * d) |> gelu |> Linear(d)

// mean square 1 along the last dim, then scale (Zhang and Sennrich 2019)
module RMSNorm(eps: f32 = 1e-6)(x: f32[...s, d]) -> f32[...s, d] {
  param g: f32[d] = ones()
  return x / spread(sqrt(mean(x^2, over = -1) + eps), x, over = -1) * expand(g, over = s)
}

// a product gated by another one (Dauphin et al. 2017; with `silu` SwiGLU, Shazeer 2020)
module GLU(n: int, gate = sigmoid)(x: f32[...s, d]) -> f32[...s, n] = gate(x |> Linear(n)) * (x |> Linear(n))

// a convolution that looks at positions up to its own: `size` of them, `dilation` apart (van den Oord et al. 2016)
module CausalConv1d(n: int, size: int, dilation: int = 1)(x: f32[t, d]) -> f32[t, n] {
  param W: f32[n, d, size] = he()
  param b: f32[n] = zeros()
  let before = concat(zeros((size - 1) * dilation, d), x, over = 0)
  return conv(before.T, W, dilation = dilation).T + expand(b, over = t)
}

// a layer without the weights that a mask closes, 0 or 1 for each (Germain et al. 2015)
module MaskedLinear(n: int)(x: f32[...s, d], mask: f32[d, n]) -> f32[...s, n] {
  param W: f32[d, n] = glorot()
  param b: f32[n] = zeros()
  return x @ (W * mask) + expand(b, over = s)
}

// a convolution that looks at the pixels above, and to the left in the row; at its own one where `own` says so
// (van den Oord, Kalchbrenner and Kavukcuoglu 2016)
module MaskedConv2d(n: int, size: int, own: bool)(x: f32[c, h, w]) -> f32[n, h, w] {
  param W: f32[n, c, size, size] = he()
  param b: f32[n] = zeros()
  let half = (size * size - 1) / 2
  let open = if own then iota(size * size) <= half else iota(size * size) < half
  let y = conv(x, W * expand(expand(reshape(float(open), size, size), over = c), over = n), pad = "same")
  return y + spread(b, y, over = (1, 2))
}

// logits of the k likeliest alone
fn top_k_logits(a: f32[...s, n], k: int) = where(argsort(argsort(-a)) < k, a, -infinity)

// logits of the likeliest that have the share p together, the one that reaches it among them (Holtzman et al. 2020)
fn nucleus(a: f32[...s, n], p: f32 in 0..1) {
  let sorted = flip(sort(a))
  let q = softmax(sorted)
  let least = min(where(cumsum(q) - q < p, sorted, infinity), over = -1)
  return where(a >= spread(least, a, over = -1), a, -infinity)
}

// logits of a sequence that begins with given tokens
fn begin(a: f32[t, v], start: idx(v)[n]) =
  concat(map((i) => where(one_hot(i, v) == 1, 0, -infinity), start), a[n:], over = 0)

// the likeliest sequence that a search finds which keeps k beginnings at each position (Lowerre 1976): `f` gives
// logits as for `Autoregressive`, `like` is any sequence of the length and the tokens
fn beam_search(f, like: idx(v)[t], k: int = 8) {
  let found = scan(s = (x = expand(expand(argmax(zeros(v)), over = t), over = k), score = where(iota(k) == 0, 0, -infinity)), i in 0..t) {
    let scores = map((x, before) => before + log_softmax(f(x)[i]), s.x, s.score)
    let best = argsort(-flatten(scores))[0:k]
    let x = map((j, row) => where(int(iota(t)) == i, j % v, row), best, map((j) => s.x[int(j / v)], best))
    return (x = x, score = map((j) => flatten(scores)[j], best))
  }
  return last(found).x[0]
}
