distribution Wide(loc: f32[n]) on cube[n] {
  draw = loc + normal_noise()
  logp = -0.5 * sum((x - loc)^2)
}
distribution Apart(loc: f32[n]) on real[n] {
  draw = loc + normal_noise()
  logp = -0.5 * (x - loc)^2
}
model a(v) { v: f32[3] ~ Wide(0) }
model b(v) { v: f32[3] ~ Apart(0) }
loss l = log a(v = zeros(3)) + log b(v = zeros(3))

// error: RL0124 1:35 `Wide` is a distribution on `cube`
// help: of vectors `on real[n]`, `on simplex[n]`, `on sphere[n]`
// error: RL0103 7:10 `logp` of `Apart` is `f32[3]`, and must be one number
// help: the log-density and the entropy of a vector are one number, `sum(...)`
