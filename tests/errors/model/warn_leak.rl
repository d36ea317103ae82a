data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
bottleneck code(x: f32[64]) -> f32[8] = x |> Linear(8)
decoder dec(h: f32[8], x: f32[64]) -> f32[64] = (h |> Linear(64)) + (x |> Linear(64))
loss a = sum((x - dec(code(x), x))^2)
train fit on digits.train batch 64 epochs 1 {
  minimize a over (code, dec) with adam(lr = 1e-3)
}

// warning: RL0206 4:19 decoder `dec` sees `x` round the bottleneck
// help: feed the decoder from the bottleneck only, or call what it takes a `net`
// also: 1:33 reaches it without passing a bottleneck
