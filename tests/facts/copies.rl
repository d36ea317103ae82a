// Copies of nets: weights and states of their own that start at the same values; `<-` of whole nets.
data d from uci_digits() { x: f32[64] in 0..1 }
param offset: f32[8] = normal()
net inner(h: f32[8]) -> f32[4] = h |> Linear(4)
net f(x: f32[64]) -> f32[4] = inner((x |> Linear(8) |> reshape(8, 1) |> BatchNorm() |> flatten) + offset)
net g(x: f32[64]) -> f32[4] = x |> Linear(4)
net h(x: f32[64]) -> f32[4] = x |> Linear(4)
model p(z | x: f32[64]) { z: f32[4] ~ Normal(g(x) |> Linear(4), 1) }
const target = copy(f)
const second = copy(f)
const prior = copy(p)
// A net that nothing calls before it is written.
const late = copy(g)

loss l = sum((f(x) - 1)^2)
loss k = sum((g(x) - 1)^2)

eval before on d.test batch 120 {
  report sum((f(x) - target(x))^2) as start
  report sum((target(x) - second(x))^2) as start_of_two
  report KL(p(z | x) || prior(z | x)) as start_of_densities
}
train move on d.train batch 50 steps 20 { minimize l over (f, inner, offset) with sgd(lr = 1e-2) }
train one on d.train batch 50 steps 1 { target <- 0.75 * target + 0.25 * f }
// `second` is what `target` was.
train again on d.train batch 50 steps 1 { second <- 0.75 * second + 0.25 * f }
eval after on d.test batch 120 {
  report sum((f(x) - target(x))^2) as apart
  report sum((target(x) - second(x))^2) as same_average
}
train same on d.train batch 50 steps 1 { target <- f }
eval equal on d.test batch 120 { report sum((f(x) - target(x))^2) as equal }
train other on d.train batch 50 steps 5 {
  minimize k over g with sgd(lr = 1e-2)
  late <- 0.5 * late + 0.5 * g
  h <- g
}
eval last on d.test batch 120 {
  report sum((g(x) - h(x))^2) as declared_twice
  report sum((g(x) - late(x))^2) as late
  report sum((p_mean(x) - old_mean(x))^2) as kept
}
fn p_mean(x: f32[64]) = mean(p(z | x))
fn old_mean(x: f32[64]) = mean(prior(z | x))

// fact: start < 1e-12
// fact: start_of_two < 1e-12
// fact: start_of_densities < 1e-12
// fact: apart > 1e-3
// fact: same_average < 1e-12
// fact: equal < 1e-12
// fact: declared_twice < 1e-12
// fact: late > 1e-6
// fact: kept > 1e-6
