data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(10)
loss a = sum(f(x))
train fit on digits.train batch 64 epochs 1 {
  minimize a over f with adam(lr = 1e-3)
  report a
}

// error: RL0120 6:3 `report` has no meaning in a phase of kind `train`
// help: reports stand in `eval` phases; a `train` phase uses `track`
