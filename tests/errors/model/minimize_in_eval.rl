data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(10)
loss a = sum(f(x))
eval t on digits.test {
  minimize a over f with adam(lr = 1e-3)
}

// error: RL0120 5:3 `minimize` has no meaning in a phase of kind `eval`
// help: `minimize`, `repeat` and `<-` stand in `train` phases
