// What is put together is in the range of all its parts, not of the first.
dim N = 5
data d from uniform(6, 2, split = 1.0) { x: f32[2] }
const table = float(iota(N))
param w: f32 = constant(0)
state t: f32 in 0..1 = constant(0.5)
fn at(i: idx(3)) -> f32 = float(i)
fn few(x: f32[2]) -> idx(N) = clip(int(4 * x[0]), 0, 4)
fn any(x: f32[2]) -> int = int(100 * x[1])
eval e on d.train batch 6 {
  report table[concat(few(x), any(x))[1]] as beyond
  report table[shift(concat(few(x), few(x)), 1, fill = 9)[0]] as gap
  report at(concat(int(0), few(x))[1]) as too_many
  report table[concat(few(x), int(3))[1]] as three
  report table[shift(concat(few(x), few(x)), 1)[0]] as none
  report table[clip(concat(few(x), any(x))[1], 0, 4)] as clipped
}
train f on d.train batch 6 steps 1 {
  t <- batch_mean(concat(sigmoid(x[0]), x[1] + 7)[1])
  minimize w^2 over w with sgd()
}

// error: RL0103 11:16 an index of unknown range into a dim of 5
// help: bring it there: `clip(i, 0, 4)` or `i % 5`; data and arguments are declared `idx(5)`
// error: RL0103 12:16 indices up to 9 into a dim of 5
// help: the table needs one row for each index; or bring them there: `clip(i, 0, 4)` or `i % 5`
// error: RL0106 13:13 argument `i` of `at` is `idx(3)`, given `int`
// help: bring it into range: `clip(i, 0, n - 1)` or `i % n`; data are declared `idx(n)`
// error: RL0106 19:8 the new value of `t` may lie outside of its type, `f32 in 0..1`
// help: bring it there, `clip(e, 0, 1)`, or declare it without a range
