// Rows that are mixed behind what binds a value: a carry of a loop, its slices, a draw, an inner point.
data d from uniform(6, 2, split = 1.0) { x: f32[2] }
model q(k | t: f32) { k: f32 ~ Normal(t, 1) }
eval e on d.train batch 6 {
  report grad((t) => last(scan(h = t, i in 0..1) { return batch_mean(h) })^2, at = x[0]) as carried
  report sum(grad((t) => last(scan(h = 0.0, v in t) { return batch_mean(v)^2 + h }), at = x)) as sliced
  report grad((t) => E[k ~ Normal(t, 1)](batch_mean(k)), at = x[0]) as drawn
  report grad((t) => E[k ~ q(k | t)](batch_mean(k)), at = x[0]) as drawn_by_name
  report grad((t) => grad((u) => batch_mean(u * t), at = stop(x[0])), at = x[0]) as inner
  report grad((t) => stop(last(scan(h = t, i in 0..1) { return batch_mean(h) })) * t, at = x[0]) as held
  report grad((t) => last(scan(h = t, i in 0..1) { return batch_mean(x[1]) * h }), at = x[0]) as of_others
  report grad((t) => E[k ~ Normal(t, 1)](k) * batch_mean(x[1]), at = x[0]) as beside
}

// error: RL0122 5:10 `grad` at one example of a function that mixes the rows of the batch
// help: hold what the other rows give, `stop(batch_mean(...))`, or take the derivative at all rows, `at = batch(x)`
// error: RL0122 6:14 `grad` at one example of a function that mixes the rows of the batch
// error: RL0122 7:10 `grad` at one example of a function that mixes the rows of the batch
// error: RL0122 8:10 `grad` at one example of a function that mixes the rows of the batch
// error: RL0122 9:22 `grad` at one example of a function that mixes the rows of the batch
