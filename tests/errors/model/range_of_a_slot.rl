// The declared range of a weight or a state holds: first values and updates are proven to lie in it, and
// an optimizer keeps none.
data d from one_hot(n = 8) { x: f32[8] in 0..1, y: idx(8) }
state s: f32 in 0..1 = 2
state b: bit = 0.5
state c: bit = 0
state k: idx(3) = 0
param w: f32 in 0..1 = 0.5
state t: f32 = true
state n: int = 0.5
state g: f32 = grad((a) => a^2, at = 1.0)
state r: f32 in 0..1 = 0.0
net f(x: f32[8]) -> f32 { param p: f32 = batch_mean(x[0]) return p * sum(x |> Linear(1)) }
train u on d.train batch 2 steps 5 {
  c <- c + 1
  k <- k + 1
  r <- r + 1
  r <- clip(r + 1, 0, 1)
  k <- (k + 1) % 3
  minimize w * x[0] over w with sgd()
  minimize f(x) over f with sgd()
}
eval e on d.test batch 3 { report s, b, c, t, float(n) as n, g, r }

// error: RL0106 4:24 the initial value of `s` may lie outside of its type, `f32 in 0..1`
// help: bring it there, `clip(e, 0, 1)`, or declare it without a range
// error: RL0106 5:16 the initial value of `b` may lie outside of its type, `bit`
// help: give 0 or 1, or declare it `f32`
// error: RL0106 9:16 the initial value of `t` is `bool`, the declared type `f32`
// help: make it a real: `float(...)`
// error: RL0106 10:16 the initial value of `n` is `f32 in 0..1`, the declared type `int`
// help: make it a whole number: `int(...)`
// error: RL0120 11:16 the initial value of `g` takes a derivative
// help: write the formula of the derivative; a state can be given its value in a phase, `s <- e`
// error: RL0106 15:8 the new value of `c` may lie outside of its type, `bit`
// error: RL0106 16:8 the new value of `k` may lie outside of its type, `idx(3)`
// help: bring it there: `clip(i, 0, 2)` or `i % 3`
// error: RL0106 17:8 the new value of `r` may lie outside of its type, `f32 in 0..1`
// error: RL0106 20:26 `w` is `f32 in 0..1`, and an optimizer keeps no range
// help: declare it `f32`, and bring it there where it is used: `clip(w, 0, 1)`
// error: RL0117 13:42 the initial value of `p` reads `x`, which has no value yet
// help: use `zeros()`, `normal(0, 0.02)`, `glorot()` or numbers; a state can be given its value in a phase, `s <- e`
