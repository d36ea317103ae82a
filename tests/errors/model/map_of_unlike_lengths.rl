data d from uci_digits() { x: f32[8, 8] in 0..1, y: idx(10) }
eval t on d.test {
  report sum(map((a, b) => a * b, x, x[0:4])) as first
  report sum(map((a, b) => a * b, x)) as second
  report sum(map((a, b) => a * b, x, float(y))) as third
}

// error: RL0103 3:14 `map` along `f32[8, 8] in 0..1`, `f32[4, 8] in 0..1`: the first dims differ
// help: give all of them the same first dim
// error: RL0104 4:14 a function of 2 arguments is given 1
// help: it takes (a, b)
// error: RL0103 5:38 `map` runs along a dim, this is a scalar
// help: apply the function: `f(x)`
