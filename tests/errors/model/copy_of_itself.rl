// A net that uses a copy of itself has no end.
data d from uci_digits(rows = 64) { x: f32[64] in 0..1 }
net f(x: f32[64]) -> f32[4] = x |> Linear(4) + target(x)
const target = copy(f)
loss l = sum((f(x) - stop(target(x)))^2)
train t on d.train batch 32 steps 3 { minimize l over f with sgd(lr = 0.1) }

// error: RL0110 4:16 copies of nets inside of each other more than 8 deep: a net uses a copy of itself
// help: give the copy to the net as a value, or call both where they meet: `f(x) - stop(target(x))`
