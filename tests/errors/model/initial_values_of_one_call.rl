// A net has one set of weights: calls do not differ in where they start, or in what they may be.
data d from uniform(8, 4, split = 0.5) { x: f32[4] }
net k(x: f32[4], a: f32) {
  param w: f32 = a
  return w * sum(x)
}
net n(x: f32[m]) {
  state s: f32 = float(m)
  return s * sum(x)
}
net b(x: f32[4]) {
  let rows = B
  param w: f32 = float(rows)
  return w * sum(x)
}
net fine(x: f32[4], a: f32) {
  param w: f32 = a
  return w * sum(x)
}
net range(x: f32[4], top: int) {
  param w: f32 in 0..top = zeros()
  return w * sum(x)
}
eval e on d.test batch 4 {
  report k(x, 1) as first, k(x, 2) as second, n(x) as wide, n(x[0:3]) as narrow, b(x) as four
  report fine(x, 1) as this, fine(x, 2 * 0.5) as that, range(x, 1) as one, range(x, 2) as two
}
eval f on d.test batch 2 { report b(x) as two }

// error: RL0112 4:18 `k.w` starts at one value in one call and at another in the next
// help: a net has one set of weights: give every call what their initial values need alike, or use a `module`
// error: RL0112 8:18 `n.s` starts at one value in one call and at another in the next
// help: a net has one set of weights: give every call what their initial values need alike, or use a `module`
// error: RL0112 21:9 weight `range.w` is `f32 in 0..1` in one call and `f32 in 0..2` in another
// help: a net has one set of weights; give every call the same shape, or use a `module`
// error: RL0112 13:18 `b.w` starts at one value in one call and at another in the next
// help: a net has one set of weights: give every call what their initial values need alike, or use a `module`
