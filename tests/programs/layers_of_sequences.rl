// Layers of sequences of the library after some steps of descent, so that no weight is at its start: values are those
// of PyTorch's layers with these weights, and no output of a causal one depends on a later position.
dim T = 6, M = 8, V = 3
data d from npz("tokens.npz", split = 1.0) { s: idx(V)[T] }

fn wave(n, s) = 0.5 * sin(s + 1.7 * iota(n))
param table: f32[V, M] = reshape(wave(24, 1), V, M)
fn embedded(s: idx(V)[T]) -> f32[T, M] = map((i) => stop(table[i]), s)
fn probe(y: f32[t, n]) -> f32 = sum(y * outer(cos(iota(t) + 1), sin(iota(n) + 1)))

net rnn(x: f32[T, M]) = x |> RNN(5)
net gru(x: f32[T, M]) = x |> GRU(5)
net lstm(x: f32[T, M]) = x |> LSTM(5)
net back(x: f32[T, M]) = x |> LSTM(3, reverse = true)
net look(x: f32[T, M]) = x |> MultiHeadAttention(2)
net before(x: f32[T, M]) = x |> MultiHeadAttention(4, causal = true)
net turned(x: f32[T, M]) = x |> MultiHeadAttention(1, turns = true)
net across(x: f32[T, M]) = CrossAttention(2)(x, x[1:4, 0:5])
net block(x: f32[T, M]) = x |> TransformerBlock(2, causal = true)
net post(x: f32[T, M]) = x |> TransformerBlock(4, wide = 2, post = true)
net rms(x: f32[T, M]) = x |> RMSNorm()
net glu(x: f32[T, M]) = x |> GLU(5)
net swiglu(x: f32[T, M]) = x |> GLU(5, silu)
net causal(x: f32[T, M]) = x |> CausalConv1d(4, 3)
net wide(x: f32[T, M]) = x |> CausalConv1d(4, 2, dilation = 3)
net masked(x: f32[T, M]) = MaskedLinear(4)(
  x,
  float(expand(iota(4), over = M) > expand(iota(M), over = 4).T - 2)
)
net above(x: f32[T, M]) = reshape(reshape(x, 2, 4, 6) |> MaskedConv2d(3, 3, own = false), 9, 8)
net own(x: f32[T, M]) = reshape(reshape(x, 2, 4, 6) |> MaskedConv2d(3, 5, own = true), 9, 8)

// how much outputs of early positions depend on later ones
fn leak(j) = sum(
  sum(abs(j), over = (1, 3)) * float(expand(iota(T), over = T) > expand(iota(T), over = T).T)
)

fn off(y) = (probe(y) - 1)^2
loss apart {
  let x = embedded(s)
  let a = off(rnn(x)) + off(gru(x)) + off(lstm(x)) + off(back(x)) + off(look(x)) + off(before(x))
  let b = off(turned(x)) + off(across(x)) + off(block(x)) + off(post(x)) + off(rms(x)) + off(glu(x))
  let c =
    off(swiglu(x)) + off(causal(x)) + off(wide(x)) + off(masked(x)) + off(above(x)) + off(own(x))
  return a + b + c
}
train fit on d.train batch 12 steps 10 {
  minimize apart
    over (
      rnn,
      gru,
      lstm,
      back,
      look,
      before,
      turned,
      across,
      block,
      post,
      rms,
      glu,
      swiglu,
      causal,
      wide,
      masked,
      above,
      own
    )
    with sgd(lr = 0.01)
}
eval end on d.train batch 12 {
  let x = embedded(s)
  report probe(rnn(x)) as rnn, probe(gru(x)) as gru, probe(lstm(x)) as lstm, probe(back(x)) as back
  report probe(look(x)) as look,
    probe(before(x)) as before,
    probe(turned(x)) as turned,
    probe(across(x)) as across
  report probe(block(x)) as block,
    probe(post(x)) as post,
    probe(rms(x)) as rms,
    probe(glu(x)) as glu
  report probe(swiglu(x)) as swiglu,
    probe(causal(x)) as causal,
    probe(wide(x)) as wide,
    probe(masked(x)) as masked
  report probe(above(x)) as above, probe(own(x)) as own, probe(positions(T, M)) as positions
  report leak(jacobian(lstm, at = x)) as leak_lstm, leak(jacobian(gru, at = x)) as leak_gru
  report leak(jacobian(rnn, at = x)) as leak_rnn, leak(jacobian(block, at = x)) as leak_block
  report leak(jacobian(before, at = x)) as leak_before, leak(jacobian(wide, at = x)) as leak_wide
  report leak(jacobian(back, at = x)) as leak_back
}

// fact: leak_lstm == 0
// fact: leak_gru == 0
// fact: leak_rnn == 0
// fact: leak_block == 0
// fact: leak_before == 0
// fact: leak_wide == 0
// fact: leak_back > 1

// by tools/programs.py
// fact: rnn = 0.5477494
// fact: gru = 0.0668890
// fact: lstm = 0.0482375
// fact: back = 0.0765223
// fact: look = 0.2992133
// fact: before = 0.1973575
// fact: turned = -0.0105682
// fact: across = 0.0837511
// fact: block = 0.9177568
// fact: post = 0.9507909
// fact: rms = 0.0223943
// fact: glu = 0.0700775
// fact: swiglu = 0.0045953
// fact: causal = 0.2629843
// fact: wide = -0.0916977
// fact: masked = 0.0841660
// fact: above = 0.5480223
// fact: own = 0.8538483
// fact: positions = -0.6701987
