// Layers that write states stand on the way of changes of variables: they write whichever way they are gone
// through, what reaches them there, and the density is that of what they give.
data d from uniform(12, 2, low = 1, high = 3, split = 1.0) { x: f32[2] }

net f(x: f32[2]) -> f32[2] = x |> ActNorm() |> exp |> ActNorm() |> exp |> ActNorm()
net s(x: f32[2]) -> f32[2] = x |> ActNorm()
net n(v: f32[2]) -> f32[2] = v |> ActNorm()
net g(u: f32[2]) -> f32[2] = inverse(n, at = u) |> exp
module Counted()(u: f32[...t]) {
  state seen: f32 = 0
  let moved = u + 0.25 * seen
  seen <- seen + 1
  return moved
}
net c(u: f32[2]) -> f32[2] = u |> Counted() |> exp
module Centered()(v: f32) -> f32 {
  state center: f32 = 0
  let moved = v - center
  center <- batch_mean(v)
  return moved
}
net k(u: f32[2]) -> f32[2] = map((v) => v |> exp |> Centered(), u)

model backwards(x) {
  u: f32[2] ~ Normal(0, 1)
  x: f32[2] = inverse(f, at = u)
}
model forwards(x) {
  u: f32[2] ~ Normal(0, 1)
  x: f32[2] = g(u)
}
model counted(x) {
  u: f32[2] ~ Normal(0, 1)
  x: f32[2] = c(u)
}
model mapped(x) {
  u: f32[2] ~ Normal(0, 1)
  x: f32[2] = inverse(k, at = u)
}
param w: f32 = 1
train start on d.train batch 12 steps 5 {
  minimize -w * (log backwards(x) + log forwards(x) + log mapped(x)) over w with sgd(lr = 0)
  minimize -w * (log counted(x) + log_det(s, at = x)) over w with sgd(lr = 0)
  minimize w * E[x ~ counted](sum(x)) over w with sgd(lr = 0)
}
eval after on d.train batch 12 {
  let y = f(x)
  report y[0] as mean_0, y[1] as mean_1, batch_mean(y^2)[0] as square_0, batch_mean(y^2)[1] as square_1
  let slopes = diag(jacobian(f, at = x))
  report log backwards(x) - sum(log(slopes) - 0.5 * y^2 - 0.5 * log(2 * pi)) as density
  report sum(abs(inverse(f, at = y) - x)) as undone
  let b = log(x) - batch_mean(log(x))
  report sum(abs(n(log(x)) - b / sqrt(batch_mean(b^2) + 1e-6))) as of_inverse
  report sum(abs(k(x) - exp(x) + batch_mean(mean(exp(x))))) as of_all
  let a = x - batch_mean(x)
  report log_det(s, at = x) + 0.5 * sum(log(batch_mean(a^2) + 1e-6)) as of_determinant
  // two statements in five steps
  report c(x)[0] - exp(x[0] + 2.5) as count
}

// fact: mean_0 = 0
// fact: mean_1 = 0
// fact: square_0 = 1
// fact: square_1 = 1
// fact: density = 0
// fact: undone = 0
// fact: of_inverse = 0
// fact: of_all = 0
// fact: of_determinant = 0
// fact: count = 0
