// Weights and states that are called as the compiler calls the number of a step, of all steps, and the
// seed: they are not those.
data d from uniform(10, 1, split = 1.0) { x: f32[1] }
param step: f32 = constant(3)
param seed: f32 = constant(5)
state total: f32[2] = constant(7)
fn zero(x: f32[1]) -> f32 = 0 * sum(x)
train fit on d.train batch 10 steps 4 {
  total <- total + 1
  minimize step^2 + 0 * seed + zero(x) over step with sgd(lr = 0.1)
}
eval end on d.train batch 10 { report step as weight, seed as other, total[1] as kept }

// 3 * 0.8^4
// fact: weight = 1.2288
// fact: other = 5
// fact: kept = 11
