// Names that a run has for itself are names like any other: a state `total` beside `progress()`, which
// counts the steps in all and those done; `seed` beside noise.
data d from uniform(40, 1, split = 1.0) { x: f32[1] }
state total: f32 = zeros()
state step: f32 = zeros()
param seed: f32 = constant(1.0)

train fit on d.train batch 10 epochs 1 {
  total <- total + progress()
  step <- step + progress()
  minimize (seed - 1)^2 + 0 * seed * uniform_noise(x)[0] over seed with sgd(lr = 0.1)
}

// A slope in something that the value does not depend on, and that is younger than it: 0.
fn slope(s: f32, v: f32[3]) -> f32 = sum(grad((a) => s, at = v)) + sum(grad((a) => progress(), at = v))
// One of one.
eval test on d.train {
  report total, step, seed, slope(x[0], expand(x[0], over = 3)) as slope, sum(abs(top_k(x, k = 1) - x)) as kept
}

// 0/4 + 1/4 + 2/4 + 3/4
// fact: total = 1.5
// fact: step = 1.5
// fact: seed == 1
// fact: slope == 0
// fact: kept == 0
