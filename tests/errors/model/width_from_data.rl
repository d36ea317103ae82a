data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(sum(x)) |> Linear(10)
loss a = sum(f(x))
train fit on digits.train batch 64 epochs 1 {
  minimize a over f with adam(lr = 1e-3)
}

// error: RL0109 2:44 argument `n` of `Linear` is an integer known when compiling
// help: use a `dim`, a `config` of type int, or a literal
