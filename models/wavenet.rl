// WaveNet: samples of sound one after the other by convolutions that look further and further back (van den Oord et
// al. 2016), of the note that is asked for. Spoken digits: `--data tones=wav:FOLDER,names=note_take --set C=10`.
dim Q = 32, T = 64, C = 2, F = 16, S = 32
config layers: int = 5
config batch: int = 16
config epochs: int = 10
config lr: f32 in 1e-8..1 = 3e-3
data tones from wav("tones", names = "note_take", stride = 8, test_files = "*_[89].wav") {
  sound: idx(Q)[T],
  note: idx(C)
}

// Two samples `dilation` apart, and what the note says, through a gate.
module Gated(dilation: int)(s) {
  let here = expand(s.note |> Linear(F), over = T)
  let open = expand(s.note |> Linear(F), over = T)
  let a = tanh((s.h |> CausalConv1d(F, 2, dilation = dilation)) + here)
  let z = a * sigmoid((s.h |> CausalConv1d(F, 2, dilation = dilation)) + open)
  return (h = s.h + (z |> Linear(F)), skip = s.skip + (z |> Linear(S)), note = s.note)
}
net wave(x: idx(Q)[T], note: idx(C)) -> f32[T, Q] {
  param levels: f32[Q, F] = normal(0, 0.1)
  let h = shift(map((k) => levels[k], x), 1)
  let s =
    (h = h, skip = zeros(T, S), note = one_hot(note, C)) |> chain(i in 0..layers) { Gated(2^i) }
  return relu(s.skip) |> Linear(S) |> relu |> Linear(Q)
}
model p(x | note: idx(C)) { x: idx(Q)[T] ~ Autoregressive(logits = (x) => wave(x, note)) }

loss bits = -log p(x = sound | note = note) / (T * log(2))
train fit on tones.train batch batch epochs epochs {
  minimize bits over wave with adam(lr = cosine(lr, lr / 20))
  track bits
}
eval test on tones.test { report bits }
sample made on tones.test count 4 {
  x ~ p(x | note = note)
  emit x as sound
}
