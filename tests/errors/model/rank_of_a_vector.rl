data d from uci_digits() { x: f32[64] in 0..1 }
eval t on d.test batch 100 { report rank(x) as r, two_nn(x, share = 2) as n }

// error: RL0103 2:42 `matrix` of `rank` must be a matrix, `f32[m, n]`
// help: `reshape(x, m, n)` makes one, `jacobian(f, at = z)` is one
// error: RL0107 2:69 `share` of `two_nn` is 2
// help: write a number from 0.1 to 1, known when compiling
