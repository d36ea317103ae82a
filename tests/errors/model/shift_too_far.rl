// Small functions that cannot do what is asked; each says what would do.
data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
fn later(x: f32[64]) -> f32[64] = shift(x, 65)
fn split(x: f32[63]) = halves(x)
fn turned(x: f32[64]) = x.T
fn empty(x: f32[64]) = x[3:3]
net f(x: f32[64]) -> f32[10] = x |> Linear(10)
loss l = sum(later(x)) + sum(turned(x)) + sum(empty(x)) + sum(f(x))
train fit on d.train batch 8 epochs 1 { minimize l over f with adam(lr = 1e-3) }

// error: RL0103 3:35 cannot be shifted by 65
// help: shift by at most the first dim
// error: RL0103 5:25 `.T` needs at least two dims
// help: a vector needs no `.T`: delete it
// error: RL0103 6:26 the range 3:3 is empty
// help: the first place comes before the end
