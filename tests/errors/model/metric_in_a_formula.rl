// A figure of a whole split stands alone in a report: it is part of no formula, no goal, no update.
data d from one_hot(n = 8) { x: f32[8] in 0..1, y: idx(8) }
net f(x: f32[8]) -> f32[8] = x |> Linear(8)
net k(a: f32[8], y: idx(8)) -> f32 = auc(sum(a |> Linear(2)), y == 1)
loss l = sum((f(x) - x)^2)
loss a = 2 * auc(x[0], y == 1)
state s: f32 = zeros()
model q(v | m: f32) { v: f32 ~ Normal(m, 1) }
train t on d.train batch 2 steps 1 {
  minimize auc(x[0], y == 1) over f with sgd()
  maximize auc(x[0], y == 1) over f with sgd()
  minimize l + auc(x[0], y == 1) over f with sgd()
  s <- auc(x[0], y == 1)
}
eval e on d.test batch 2 {
  let b = auc(x[0], y == 1)
  report b, stop(b) as b2, batch_mean(b) as b3, auc(b, y == 1) as b4, k(x, y) as b5
  report if x[0] > 0 then b else 0.5 as b6, log q(v = b | m = 0.0) as b7, mean(q(v | m = b)) as b8
  report last(scan(h = 0.0, t in 0..2) { return b }) as b9
}
sample m on d.test count 2 { emit auc(x[0], y == 1) }

// error: RL0120 6:10 `auc` is computed from a whole split, and stands alone
// help: report it by itself, in an `eval` phase: `report auc(...) as a`
// error: RL0120 10:12 `auc` is computed from a whole split, and stands alone
// error: RL0120 11:12 `auc` is computed from a whole split, and stands alone
// error: RL0120 12:12 `auc` is computed from a whole split, and stands alone
// error: RL0120 13:8 `auc` is computed from a whole split, and stands alone
// error: RL0120 17:13 `auc` is computed from a whole split, and stands alone
// error: RL0120 17:28 `auc` is computed from a whole split, and stands alone
// error: RL0120 17:49 `auc` is computed from a whole split, and stands alone
// error: RL0120 17:71 `auc` is computed from a whole split, and stands alone
// error: RL0120 18:10 `auc` is computed from a whole split, and stands alone
// error: RL0120 18:55 `auc` is computed from a whole split, and stands alone
// error: RL0120 18:90 `auc` is computed from a whole split, and stands alone
// error: RL0120 19:15 `auc` is computed from a whole split, and stands alone
// error: RL0120 21:35 `auc` is computed from a whole split, and stands alone
