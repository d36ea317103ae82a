data d from uci_digits() { x: f32[64] in 0..1 }
net f(x: f32[64]) -> f32[4] = x |> Linear(4)
net g(x: f32[64]) -> f32[4] = x |> Linear(8) |> Linear(4)
const a = copy(3)
const b = copy(relu)
loss l = sum((f(x) - g(x))^2)
train t on d.train batch 32 steps 3 {
  minimize l over (f, g) with sgd(lr = 0.1)
  f <- 0.5 * f + 0.5 * g
}

// error: RL0105 4:11 `copy` takes a net or a density, this is an integer
// help: declare it at top level: `net f(x: f32[D]) -> f32[H] = ...`, then `const target = copy(f)`
// error: RL0105 5:11 `copy` takes a net or a density, this is a function
// help: declare it at top level: `net f(x: f32[D]) -> f32[H] = ...`, then `const target = copy(f)`
// error: RL0112 9:8 `g` has a weight `Linear_1.W`, `f` has none
// help: give both the same layers: `const f = copy(g)`
