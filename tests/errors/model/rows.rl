data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
dim N = 2 * B
param w: f32[B] = zeros()
state s: f32[B, 64] = zeros()
fn centred(x) = sum(x - batch_mean(x))
bottleneck q(c | x: f32[64]) { c: bit ~ Bernoulli(logits = x[0]) }
loss a = sum(w)
train t on d.train batch B steps 1 { s <- batch(x) }
train u on d.train batch 100 steps 1 { s <- batch(x) }
eval e on d.test batch 99 {
  report sum(s) as s, grad(centred, at = x) as g,
    E[c ~ q(c | x), estimator = "enumerate"](batch_mean(c)^2) as m
}

// error: RL0109 8:26 the number of rows of a batch is not known here
// help: it is known in phases
// error: RL0112 4:7 state `s` is `f32[100, 64]` in one phase and `f32[99, 64]` in another
// help: batches of the same number of rows
// error: RL0122 11:23 `grad` at one example of a function that mixes the rows of the batch
// help: `stop(batch_mean(...))`
// error: RL0120 12:5 the rows of the batch depend on each other's draws here
// help: leave `estimator` out
// error: RL0109 2:5 `N` is one number, and `B` may differ between phases
// help: write `B` where it is used
// error: RL0112 3:7 weight `w` has the number of rows of a batch as a dim
// help: name the dim with `dim`
