// Draws that are taken once for the whole batch: of noise, of densities, in `map`, in loops, in averages, of
// chains; kept in states, in the update of a weight. With a draw for each of 50 rows the spread would be that of
// their mean.
data d from uniform(50, 1, split = 1.0) { x: f32[1] }
state sum: f32 = 0
state square: f32 = 0
state pairs: f32 = 0
state several: f32 = 0
state looped: f32 = 0
state drawn: f32 = 0
state walk: f32 = 0
state bits: bit[40, 2] = zeros()
state both: f32 = 0
state ones: f32 = 0
param w: f32 = zeros()
optimizer shaken(lr: f32)(w: f32[...s], g: f32[...s]) = 0 * w + 0 * g + once(normal_noise(w))

model normal(z: f32) { z ~ Normal(1, 2) }
model wide(z: f32) { factor -0.5 * z^2 }
model two(v: bit[2]) { factor 0.7 * v[0] - 0.4 * v[1] + 1.2 * v[0] * v[1] }
fn next(v: bit[2]) -> bit[2] {
  let n ~ gibbs(two, v = v, steps = 2)
  return n
}

train many on d.train batch 50 steps 4000 {
  let n = once(normal_noise())
  let m = once(map((k) => normal_noise(), iota(3)))
  let l = once(scan(h = 0.0, t in 0..3) { return normal_noise() })
  sum <- sum + n / steps()
  square <- square + n^2 / steps()
  pairs <- pairs + m[0] * m[1] / steps()
  several <- several + once(E[z ~ normal(z), samples = 40]((z - 1)^2)) / steps()
  looped <- looped + l[0] * l[2] / steps()
  drawn <- drawn + once(E[z ~ normal(z)](z))^2 / steps()
  walk <- once(E[z ~ metropolis(wide, z = walk, steps = 1, step = 1.5)](z))
  bits <- once(map((v) => next(v), bits))
  both <- both + mean(bits[:, 0] * bits[:, 1]) / steps()
  ones <- ones + mean(bits[:, 0]) / steps()
  minimize w * mean(x) over w with shaken(lr = 1)
}
eval seen on d.train batch 50 {
  report sum as mean_of_noise, square as square_of_noise, pairs as of_pairs, several as of_many
  report looped as of_loop, drawn as of_density, abs(walk) as of_walk, both as of_both, ones as of_ones, abs(w) as of_weight
}
// 4,000 draws: a standard error of 0.016 and of 0.022
// fact: mean_of_noise > -0.08
// fact: mean_of_noise < 0.08
// fact: square_of_noise > 0.89
// fact: square_of_noise < 1.11
// fact: of_pairs > -0.08
// fact: of_pairs < 0.08
// fact: of_loop > -0.08
// fact: of_loop < 0.08
// fact: of_many > 3.9
// fact: of_many < 4.1
// 1 + 4
// fact: of_density > 4.4
// fact: of_density < 5.6
// fact: of_walk < 4.5
// fact: of_walk > 0
// P(a, b) by enumeration: exp(1.5) and 1 + exp(0.7) + exp(-0.4) + exp(1.5)
// fact: of_both > 0.53
// fact: of_both < 0.567
// fact: of_ones > 0.78
// fact: of_ones < 0.81
// fact: of_weight > 0.00001
// fact: of_weight < 4.5
