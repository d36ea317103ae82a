// Hamiltonian Monte Carlo (Neal 2011) in a scan: the moments of a correlated Gaussian, an acceptance
// below one, the identity E[exp(-dH)] = 1 that exact leapfrog obeys, and an energy error that falls
// with the square of the step.
data d from uniform(512, 2, split = 1.0) { u: f32[2] }

fn energy(q: f32[2]) -> f32 = 0.5 * ((q[0] - 1)^2 + 4 * (q[1] + 0.5 * q[0])^2)
fn total(q: f32[2], p: f32[2]) = energy(q) + 0.5 * sum(p^2)
fn leap(z: f32[4], e: f32) -> f32[4] {
  let half = z[2:] - 0.5 * e * grad(energy, at = z[0:2])
  let q = z[0:2] + e * half
  return concat(q, half - 0.5 * e * grad(energy, at = q))
}
fn travel(z: f32[4], e: f32, n) = last(scan(h = z, t in 0..n) { return leap(h, e) })
fn excess(z: f32[4], e: f32, n) -> f32 {
  let w = travel(z, e, n)
  return total(w[0:2], w[2:]) - total(z[0:2], z[2:])
}
fn turn(q: f32[2]) -> f32[4] {
  let p = normal_noise(q)
  let w = travel(concat(q, p), 0.4, 4)
  let gain = total(w[0:2], w[2:]) - total(q, p)
  let yes = float(uniform_noise(gain) < exp(-gain))
  return concat(yes * w[0:2] + (1 - yes) * q, yes, exp(-gain))
}
// 60 turns of which the last 40 are kept
fn chain_of(q: f32[2]) = scan(h = concat(q, 1.0, 1.0), t in 0..60) { return turn(h[0:2]) }[20:]

eval run on d.train batch 128 {
  let kept = chain_of(u)
  report mean(kept[:, 0]) as mean_0, mean(kept[:, 1]) as mean_1
  report mean((kept[:, 0] - 1)^2) as var_0, mean((kept[:, 1] + 0.5)^2) as var_1
  report mean((kept[:, 0] - 1) * (kept[:, 1] + 0.5)) as cov
  report mean(kept[:, 2]) as accepted, mean(kept[:, 3]) as balance
  report abs(excess(concat(u, u - 0.3), 0.1, 20)) / abs(excess(concat(u, u - 0.3), 0.05, 40)) as order
  report max(abs(travel(travel(concat(u, u - 0.3), 0.1, 20) * (1 - 2 * float(iota(4) > 1.5)), 0.1, 20) * (1 - 2 * float(iota(4) > 1.5)) - concat(u, u - 0.3))) as back
}

// q1 given q0 is N(-q0 / 2, 1/4), q0 is N(1, 1); 512 chains of 40 states
// fact: mean_0 > 0.96
// fact: mean_0 < 1.04
// fact: mean_1 > -0.53
// fact: mean_1 < -0.47
// fact: var_0 > 0.93
// fact: var_0 < 1.07
// fact: var_1 > 0.46
// fact: var_1 < 0.54
// fact: cov > -0.54
// fact: cov < -0.46
// fact: accepted > 0.7
// fact: accepted < 0.99
// fact: balance > 0.98
// fact: balance < 1.02
// fact: order > 3.5
// fact: order < 4.5
// fact: back < 1e-4
