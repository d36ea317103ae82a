// The body of a density may call what draws, and hold expectations: one draw for all that uses the density
// in a step.
data d from uniform(4000, 1, split = 1.0) { s: f32 }
fn noised(s: f32) -> f32 { e: f32 ~ Normal(0, 1) return s + e }
net drawn(s: f32) -> f32 { e: f32 ~ Normal(0, 1) return s + e }
model q(v | s: f32) { v: f32 ~ Normal(noised(s), 0.5) }
model r(v | s: f32) { v: f32 ~ Normal(drawn(s), 0.5) }
model u(v | s: f32) { v: f32 ~ Normal(E[n ~ Normal(0, 1), samples = 3](n^2 + s), 0.5) }
model c(v | s: f32) { v: f32 ~ Normal(E[k ~ Bernoulli(probs = 0.25)](k + s), 0.5) }
eval e on d.train batch 500 {
  // -log N(0; s + e, 0.5) = (s + e)^2 / (2 * 0.25) + log(0.5) + log(2 pi) / 2
  let at = -log q(v = s | s) - log(0.5) - 0.5 * log(2 * 3.141592653589793)
  report at / 2 as one, mean(r(v | s)) - s as centre, E[v ~ c(v | s)](v) - s as quarter
  report KL(q(v | s) || Normal(s, 0.5)) * 2 * 0.25 as gap, E[v ~ r(v | s)](v - s)^2 as spread
  report E[v ~ u(v | s)](v) - s as squares
}

// Each is a mean over 4,000 rows; the bounds are four deviations of it.
// fact: one > 0.9
// fact: one < 1.1
// fact: centre > -0.07
// fact: centre < 0.07
// fact: quarter > 0.21
// fact: quarter < 0.29
// fact: gap > 0.9
// fact: gap < 1.1
// fact: spread > 1.13
// fact: spread < 1.37
// fact: squares > 0.94
// fact: squares < 1.06
