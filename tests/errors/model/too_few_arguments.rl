data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64], c: f32[2]) -> f32[10] = x |> Linear(10)
loss a = sum(f(x))
train fit on digits.train batch 64 epochs 1 {
  minimize a over f with adam(lr = 1e-3)
}

// error: RL0104 3:14 `f` needs an argument `c`
// help: f(x, c)
// also: 2:19 declared here
