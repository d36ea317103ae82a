data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> (mu: f32[4], s: f32[4]) {
  return (mu = x |> Linear(4))
}
loss a = sum(f(x).mu)
train fit on digits.train batch 64 epochs 1 {
  minimize a over f with adam(lr = 1e-3)
}

// error: RL0106 3:3 the record has no member `s`
// help: name every member of the declared type
