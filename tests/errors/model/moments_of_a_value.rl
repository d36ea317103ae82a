// `x` is the value that is scored: draws and moments know none.
distribution Moved(loc: f32) on real {
  draw = loc + normal_noise()
  logp = -0.5 * (x - loc)^2
  mean = x
}
distribution Same(loc: f32) on real {
  draw = x
  logp = -0.5 * (x - loc)^2
}
data d from uniform(40, 1, split = 1.0) { x: f32[1] }
model q(z | x: f32[1]) { z: f32 ~ Moved(x[0]) }
model r(z | x: f32[1]) { z: f32 ~ Same(x[0]) }
eval t on d.train batch 10 {
  report mean(q(z | x)) as centre
  report E[z ~ r(z | x)](z) as average
}

// error: RL0101 5:10 nothing is called `x`
// help: data fields are visible in losses and phases; pass the field as an argument
// error: RL0101 8:10 nothing is called `x`
