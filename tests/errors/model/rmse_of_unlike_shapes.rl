data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
eval t on d.test { report rmse(x, x[0:4]) as a, rmse(x, y) as b }
train u on d.train steps 1 { track rmse(x, x) as c }

// error: RL0103 2:35 `rmse` of `f32[64] in 0..1` and `f32[4] in 0..1`
// help: give both the same shape
// error: RL0103 2:57 `target` of `rmse` must be reals in the shape of the first
// help: `one_hot(i, n)` makes reals of an index, `float(b)` of a truth value
// error: RL0120 3:36 this figure is computed from a whole split
// help: move it to an `eval` phase
