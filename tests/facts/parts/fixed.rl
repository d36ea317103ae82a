// Used by divergences_of_instances.rl: a family whose formulas read a setting of its file.
config T: f32 = 1.0
distribution Fixed(loc: f32) on real {
  draw = loc + T * normal_noise()
  logp = -0.5 * ((x - loc) / T)^2 - log(T) - 0.5 * log(2 * pi)
  mean = loc
  pathwise = true
}
divergence KL(q: Fixed, p: Fixed) = 0.5 * ((q.loc - p.loc) / T)^2
bottleneck q(z | s: f32) { z: f32 ~ Fixed(s) }
prior p(z) { z: f32 ~ Fixed(0.0) }
