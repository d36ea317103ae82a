config heads: int = 3
data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> reshape(heads, 64 / heads) |> flatten |> Linear(10)
loss a = sum(f(x))
train fit on digits.train batch 64 epochs 1 {
  minimize a over f with adam(lr = 1e-3)
}

// error: RL0107 3:52 a dim is 21.333333333333332, and must be a whole number
// help: a quotient of dims must be exact; `int(...)` cuts off
