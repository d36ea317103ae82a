// Weights and states start once, for all phases: not from what differs between them.
data d from uniform(8, 4, split = 0.5) { x: f32[4] }
fn rows() = float(B)
param p: f32 = rows()
param q: f32 = sum(batch(uniform_noise()))
param r: f32 = sum(dropout(ones(4), 0.5))
state s: f32 = if training() then 1 else 2
net k(x: f32[4]) {
  param w: f32 = sum(ones(B))
  return w * sum(x)
}
state fine: f32[B] = zeros(B)
eval e on d.test batch 4 { report p + q + r + s + k(x) + sum(fine) as v }

// error: RL0120 6:16 the initial value of `r` depends on whether a phase trains
// help: there is one for all phases: write a number, or name it with `dim` or `config`
// error: RL0120 7:16 the initial value of `s` depends on whether a phase trains
// help: there is one for all phases: write a number, or name it with `dim` or `config`
// error: RL0120 4:16 the initial value of `p` depends on the number of rows of a batch
// help: there is one for all phases: write a number, or name it with `dim` or `config`
// error: RL0120 5:16 the initial value of `q` depends on the number of rows of a batch
// help: there is one for all phases: write a number, or name it with `dim` or `config`
// error: RL0120 9:18 the initial value of `w` depends on the number of rows of a batch
// help: there is one for all phases: write a number, or name it with `dim` or `config`
