// Draws of the whole batch into which an example enters.
data d from uniform(10, 3) { x: f32[3] }
model q(z | x: f32[3]) { z: f32 ~ Normal(sum(x), 1) }
state s: f32 = 0
train t on d.train batch 5 steps 1 {
  let h = sum(x)
  let m = batch_mean(h)
  s <- once(sum(x) + normal_noise())
  s <- once(h * normal_noise())
  s <- once(E[z ~ q(z | x)](z))
  s <- once(batch_mean(normal_noise()))
  s <- normal_noise()
  s <- once(m * normal_noise())
}

// error: RL0120 8:8 `once` draws for the whole batch, and the field `x` stands in it
// help: average before: `let m = batch_mean(...)` in the phase, and `m` here
// error: RL0120 9:8 `once` draws for the whole batch, and `h`, which every example has its own of, stands in it
// help: average before: `let m = batch_mean(...)` in the phase, and `m` here
// error: RL0120 10:8 `once` draws for the whole batch, and the field `x` stands in it
// help: average before: `let m = batch_mean(...)` in the phase, and `m` here
// error: RL0120 11:8 `once` draws for the whole batch, and a value of the batch stands in it
// help: average before: `let m = batch_mean(...)` in the phase, and `m` here
// error: RL0103 12:8 `s` is one for the whole batch, the new value differs between examples
// help: average it: `batch_mean(...)`
