data d from uniform(10, 1) { x: f32 }
distribution Whole(rate: f32) on real { draw = int(rate * uniform_noise()) logp = -x }
distribution Truth(rate: f32) on real { draw = rate * uniform_noise() logp = x > rate }
distribution Wild(loc: f32) on index { draw = int(loc + 9 * uniform_noise()) logp = 0 * loc mass = -loc }
distribution Marked(loc: f32) on real { draw = loc logp = -x pathwise = 3 }
eval e on d.train batch 5 {
  report E[z ~ Whole(1.0)](z) as a, E[z ~ Truth(1.0)](z) as b, E[z ~ Marked(1.0)](z) as c
  report E[z: idx(3) ~ Wild(1.0)](float(z)) as g
}

// error: RL0106 2:48 `draw` of `Whole` is `int`, and must be real
// help: write `float(...)`
// error: RL0106 3:78 `logp` of `Truth` is `bool`, and must be real
// help: write `float(...)`
// error: RL0106 5:73 `pathwise` of `Marked` is true or false
// help: write `pathwise = true`
// error: RL0106 8:24 a draw of `Wild` is not proven to be one of 0 to 2
// help: let `draw` say so: `clip(k, 0, 2)`
