dim D = 64, H = D / 3
data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(H) |> Linear(10)
loss a = sum(f(x))
train fit on digits.train batch 64 epochs 1 {
  minimize a over f with adam(lr = 1e-3)
}

// error: RL0107 1:17 `H` is declared `dim`, its value is 21.333333333333332
// help: give a whole number; a quotient must be exact
