// Grey levels as reals: noise of one's own is scored beside the density of the sum.
data d from uniform(4000, 1, split = (0, 0, 1)) { s: f32 in 0..1 }

fn level(s: f32) -> f32 in 0..1 = floor(min(4 * s, 3.5)) / 3
model even(v) { v: f32 ~ Uniform(0, 1) }
model noise(e | x: f32) {
  n: f32 ~ Normal(x - x, 1)
  e: f32 = sigmoid(n)
}
eval bounds on d.test batch 4000 {
  let x = level(s)
  report log even(v = dequantized(x, levels = 4)) as uniform
  // the entropy of the noise: 0.5 log(2 pi e) + E[log e + log(1 - e)]
  report E[e ~ noise(e | x)](log even(v = dequantized_by(x, e, levels = 4)) - log noise(e | x)) as variational
  report dequantized(x, levels = 4) - (3 * x + 0.5) / 4 as centred
}

// fact: uniform = 0
// fact: variational < -0.13
// fact: variational > -0.24
// fact: centred < 0.005
// fact: centred > -0.005
