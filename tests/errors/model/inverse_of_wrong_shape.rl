data d from uniform(20, 4) { x: f32[4] in 0..1, y: idx(3) }
eval e on d.test batch 2 { report inverse((u) => sum(u), at = x) as v }
eval k on d.test batch 2 { report sum(inverse((u) => abs(u), at = x)) as v }
eval l on d.test batch 2 { report sum(inverse((u) => u)) as v }
eval m on d.test batch 2 { report log_det((u) => u, at = 2 > 1) as v }
eval n on d.test batch 2 { report sum(custom_inverse((u) => u, at = x)) as v }
eval o on d.test batch 2 { report sum(custom_inverse((u) => u, at = x, inverse = (v) => sum(v), log_det = (u) => u)) as v }

// error: RL0103 2:35 the function gives `f32`, and `at` is `f32[4] in 0..1`
// help: give it the shape of its result
// error: RL0128 3:54 this function has no inverse that can be derived
// help: give the inverse yourself: `custom_inverse(f, at = x, inverse = g, log_det = h)`
// error: RL0104 4:39 `inverse` needs `at`
// help: inverse(f, at = y)
// error: RL0122 5:58 `bool` is not real, and has no slopes
// help: convert it: `float(...)`
// error: RL0104 6:39 `custom_inverse` needs `inverse`
// help: custom_inverse(f, at = x, inverse = g, log_det = h)
// error: RL0103 7:39 `inverse` gives `f32`, and `at` is `f32[4]`
// help: undo what the function does
