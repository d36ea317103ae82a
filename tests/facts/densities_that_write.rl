// A density is read once and calls its layers wherever it is used: of several calls in a statement the
// last one in the text counts, and what stands in a condition is computed before the density.
data d from uniform(11, 1, split = 1.0) { s: f32 }

module Last()(z: f32) -> f32 {
  state m: f32 = zeros()
  m <- batch_mean(z)
  return z + m
}
net f1(z: f32) -> f32 = z |> Last()
net f2(z: f32) -> f32 = z |> Last()
net f3(z: f32) -> f32 = z |> Last()
net f4(z: f32) -> f32 = z |> Last()
net f5(z: f32) -> f32 = z |> Last()
net f6(z: f32) -> f32 = z |> Last()
net f7(z: f32) -> f32 = z |> Last()
net f8(z: f32) -> f32 = z |> Last()
model q1(v | s: f32) { v: f32 ~ Normal(f1(s), 1) }
model q2(v | s: f32) { v: f32 ~ Normal(f2(s), 1) }
model q3(v | s: f32) { v: f32 ~ Normal(f3(s), 1) }
model q4(v | s: f32) { v: f32 ~ Normal(f4(s), 1) }
model q5(v | s: f32) { v: f32 ~ Normal(f5(s), 1) }
model q6(v | s: f32) { v: f32 ~ Normal(f6(s), 1) }
model q7(v | s: f32) { v: f32 ~ Normal(f7(s), 1) }
net f9(z: f32) -> f32 = z |> Last()
model q9(v | s: f32) { v: f32 ~ Normal(f9(s), 1) }
// A layer that gives a number which is known before anything runs.
module Known()(z: f32) {
  state m: f32 = zeros()
  let before = m
  m <- batch_mean(z)
  return (a = 2 * z, b = before)
}
net k(z: f32) = z |> Known()
net l(z: f32) = z |> Known()
prior p8(v) { v: f32 ~ Normal(f8(7.0), 1) }
// A density inside of a density.
model inner(v | s: f32) { v: f32 ~ Normal(mean(q7(v | s = 2 * s)), 1) }
fn both(a, b: f32) -> f32 = mean(a) + b

param w: f32 = ones()
train order on d.train batch 11 steps 1 {
  minimize w * (log q1(v = 0.0 | s = 3 * s) + log q1(v = 0.0 | s) + log q1(v = 0.0 | s = 3 * s)) over w with sgd(lr = 0)
  minimize w * (log q2(v = 0.0 | s = 3 * s) + mean(q2(v | s))) over w with sgd(lr = 0)
  minimize w * mean(q3(v | s = 2 * f3(5 * s))) over w with sgd(lr = 0)
  minimize w * KL(q4(v | s = 3 * s) || q4(v | s = 2 * s)) over w with sgd(lr = 0)
  minimize w * (E[v ~ q5(v | s = 3 * s)](v + f5(2 * s)) + E[v ~ q5(v | s)](v)) over w with sgd(lr = 0)
  minimize w * both(q6(v | s = 3 * s), f6(2 * s)) over w with sgd(lr = 0)
  minimize w * (mean(inner(v | s = 3 * s)) + mean(inner(v | s))) over w with sgd(lr = 0)
  minimize w * KL(p8 || Normal(f8(s), 1)) over w with sgd(lr = 0)
  minimize w * (k(3.5).a + l(4).a) over w with sgd(lr = 0)
  // A call that an earlier statement named comes before the calls of this one.
  minimize w * f9(2 * s) over w with sgd(lr = 0)
  let named = q9(v | s = 3 * s)
  minimize w * (f9(2 * s) + mean(named)) over w with sgd(lr = 0)
}
eval o on d.train batch 11 {
  let seen = batch_mean(s)
  report (f1(s) - s) / seen as scores, (f2(s) - s) / seen as scored_first, (f3(s) - s) / seen as condition
  report (f4(s) - s) / seen as divergence, (f5(s) - s) / seen as averages, (f6(s) - s) / seen as argument
  report (f7(s) - s) / seen as nested, (f8(s) - s) / seen as bare
  report (f9(s) - s) / seen as named_before
  report k(s).b as known, l(s).b as whole
}

// fact: scores = 3
// fact: scored_first = 1
// the condition is 2 (5 s + 5 mean(s))
// fact: condition = 20
// fact: divergence = 2
// fact: averages = 1
// fact: argument = 2
// fact: nested = 2
// fact: bare = 1
// fact: named_before = 2
// fact: known = 3.5
// fact: whole = 4
