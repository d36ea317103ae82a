// A mistake in a loss, and others in the phases that use it: all in one run.
data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(10)
loss l = cross_entropy(f(x), z)
train fit on d.train batch 8 epochs 1 {
  minimize l over g with adm(lr = 1e-3)
  track l, fx
}
eval test on d.test batch 120 { report l, wrong(f(x)), accuracy(f(x), y) as good }

// error: RL0101 4:30 nothing is called `z`
// help: declare it
// error: RL0101 6:19 nothing is called `g`
// help: weights belong to f
// error: RL0101 6:26 nothing is called `adm`
// help: did you mean `adam`?
// error: RL0101 7:12 nothing is called `fx`
// help: did you mean
// error: RL0101 9:43 nothing is called `wrong`
// help: declare it
