// `prune` looks at rates as an eval phase does: layers do not train in it, and write nothing.
data d from uniform(8, 1, split = 1.0) { x: f32[1] }
module Counting()(x: f32[1]) -> f32[1] {
  state calls: f32 = zeros()
  calls <- calls + 1
  return x + 0 * calls
}
module Known()(x: f32[1]) -> f32 {
  state calls: f32 = zeros()
  calls <- calls + 1
  return calls + 0 * sum(x)
}
net counted(x: f32[1]) -> f32[1] = x |> Counting()
net number(x: f32[1]) -> f32 = x |> Known()
param a: f32[2] = constant(1)
bottleneck q(z | x: f32[1]) { z: f32[2] ~ Normal(a * sum(counted(x)) + 0 * number(x), 1) }
prior p(z) { z: f32[2] ~ Normal(0, 1) }
loss rate = KL(q(z | x) || p(z))

train only on d.train batch 4 steps 3 { prune q below 1e-9 }
eval before on d.train batch 8 { report number(x) as none }
train both on d.train batch 4 steps 2 {
  minimize rate over a with sgd(lr = 0)
  prune q below 1e-9
}
eval after on d.train batch 8 { report number(x) as two }

// fact: none == 0
// fact: two == 2
