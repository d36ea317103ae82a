// A loop along several sequences, and along a count beside them, is the one along both in one; its slopes too.
dim T = 5
data d from uniform(20, 10) { x: f32[10] }
fn a(x: f32[10]) -> f32[T, 2] = reshape(x, T, 2)
fn b(x: f32[10]) -> f32[T] = sin(3 * x[0:T])
param w: f32 = 0.7 * ones()

fn both(x: f32[10]) = scan(h = 0.0, p in concat(a(x), expand(b(x), over = 1).T)) {
  return tanh(w * h + p[0] * p[1] - p[2])
}
fn apart(x: f32[10]) = scan(h = 0.0, u in a(x), v in b(x)) { return tanh(w * h + u[0] * u[1] - v) }
fn numbered(x: f32[10]) = scan(h = 0.0, v in b(x), t in 2..7, u in a(x)) {
  return tanh(w * h + float(t - 2) * u[0] * u[1] - v)
}
fn unnumbered(x: f32[10]) = scan(h = 0.0, p in concat(
  a(x),
  expand(b(x), over = 1).T,
  expand(iota(T), over = 1).T
)) {
  return tanh(w * h + p[3] * p[0] * p[1] - p[2])
}
eval e on d.train {
  report max(abs(both(x) - apart(x))) as values, max(abs(unnumbered(x) - numbered(x))) as counted
  let g = grad((x) => sum(both(x)), at = x) - grad((x) => sum(apart(x)), at = x)
  let h = grad((x) => sum(unnumbered(x)), at = x) - grad((x) => sum(numbered(x)), at = x)
  report max(abs(g)) as slopes, max(abs(h)) as counted_slopes, max(abs(both(x))) as size
}

// fact: values < 1e-6
// fact: counted < 1e-6
// fact: slopes < 1e-5
// fact: counted_slopes < 1e-5
// fact: size > 0.1
