data d from uniform(11, 3, split = 1.0) { x: f32[3] }
prior p(z) { z: f32[2] ~ Normal(0, 1) }
eval e on d.train batch 4 { let z ~ p(z) report sum(z) as r, float(sort(x > 0)[0]) as s }
sample f on d.train count 3 { let z ~ p(z) emit z as table }

// error: RL0120 3:29 `let ... ~` has no meaning in a phase of kind `eval`
// help: draw with `E[z ~ ...](...)`
// error: RL0103 3:68 `argsort` does not fit its arguments: operand bool[3]
// help: make reals of it: `float(x)`
// error: RL0120 4:31 `let ... ~` has no meaning in a phase of kind `sample`
// help: draw without `let`: `z ~ p(z)`
