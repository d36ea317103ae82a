// A row of a family's own is read by another one, or by a closed form; a slip in a name is told.
data d from uniform(10, 1) { x: f32[1] }
distribution Moved(loc: f32) on real {
  dev = 2.0
  unit = 1.0
  draw = loc + dev * normal_noise()
  logp = -0.5 * ((x - loc) / dev)^2 - log(dev) - 0.5 * log(2 * pi)
  meen = loc
  pathwsie = true
}
distribution Lost(loc: f32) on real {
  draw = loc
  logp = -x
  spare = loc
}
divergence KL(q: Moved, p: Moved) = 0.5 * ((q.loc - p.loc) / p.unit)^2 / 4
model q(z | x: f32[1]) { z: f32 ~ Moved(x[0]) }
eval t on d.train batch 5 { report E[z ~ q(z | x)](z) as average }

// error: RL0118 8:3 nothing reads the row `meen` of `Moved`
// help: did you mean `mean`?
// error: RL0118 9:3 nothing reads the row `pathwsie` of `Moved`
// help: did you mean `pathwise`?
// error: RL0118 14:3 nothing reads the row `spare` of `Lost`
// help: rows with a meaning are draw, logp, mass, entropy, mean, variance, mode, relaxed, cdf, icdf, tilted, log_mgf, pathwise, bounded
