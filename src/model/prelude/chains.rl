// chains.rl - Markov chains on densities that are known up to a constant. `f` is the logarithm of a density
// of a vector, `x` where a chain starts, `scale` the size of a step in each element, `e` that of all.

// the last `keep` states of `steps`, after three times `warmup` steps that find the size of the steps, and how
// it went: the mean chance that a step was accepted, the size found, the share of steps that left all bounds
fn warmed_chain(turn, x: f32[d], steps: int, warmup: int, keep: int, step, goal) {
  let first = (x = x, log_step = log(step) + 0 * sum(x), scale = ones(d))
  let ready = if warmup > 0 then warmed(turn, first, warmup, goal) else first
  let e = exp(ready.log_step)
  let s = scan(h = (x = ready.x, accepted = 0 * e, away = 0 * e), t in 0..steps) {
    return turn(h.x, e, ready.scale)
  }
  return (states = s.x[steps - keep:], accepted = mean(s.accepted), step = e, diverged = mean(s.away))
}

// first the size of all steps, then the spread of each element with it, then the size again
fn warmed(turn, h, n: int, goal) {
  let a = tuned(turn, h, n, goal)
  let b = tuned(turn, (x = a.x, log_step = a.log_step, scale = h.scale), n, goal)
  // shrunk towards small ones, as few states say little
  let spread = sqrt((n * b.var + 5e-3) / (n + 5))
  return tuned(turn, (x = b.x, log_step = b.log_step, scale = spread), n, goal)
}

// dual averaging of the logarithm of the step (Hoffman and Gelman 2014, algorithm 5), and the variance of
// the states on the way (Welford 1962)
fn tuned(turn, h, n: int, goal) {
  let top = h.log_step + log(10)
  let start = (x = h.x, log_step = h.log_step, mean = h.log_step, off = 0 * top, m = 0 * h.x, v = 0 * h.x)
  let s = last(scan(s = start, t in 0..n) {
    let k = float(t + 1)
    let y = turn(s.x, exp(s.log_step), h.scale)
    let off = s.off + (goal - y.accepted - s.off) / (k + 10)
    let log_step = top - sqrt(k) / 0.05 * off
    let from = y.x - s.m
    let m = s.m + from / k
    return (x = y.x, log_step = log_step, mean = s.mean + k^-0.75 * (log_step - s.mean), off = off, m = m,
            v = s.v + from * (y.x - m))
  })
  return (x = s.x, log_step = s.mean, scale = h.scale, var = s.v / n)
}

// a step is taken with the chance exp(gain), never where that is no number
fn accepted(gain) = where(gain == gain, exp(min(gain, 0)), 0)
fn moved_to(y, x, gain) {
  let chance = accepted(gain)
  return (x = where(uniform_noise() < chance, y, x), accepted = chance, away = float(not (gain > -1000)))
}

// Metropolis et al. 1953
fn metropolis_turn(f, x: f32[d], e, scale: f32[d]) {
  let y = x + e * scale * normal_noise(x)
  return moved_to(y, x, f(y) - f(x))
}
fn metropolis_chain(f, x: f32[d], steps: int, warmup: int, keep: int, step: f32 = 0.5, goal: f32 = 0.3) =
  warmed_chain((x, e, scale) => metropolis_turn(f, x, e, scale), x, steps, warmup, keep, step, goal)

// leaps of Hamilton's equations with the momenta p (Neal 2011, section 2.3)
fn leap(f, h, e: f32[d]) {
  let p = h.p + 0.5 * e * grad(f, at = h.x)
  let x = h.x + e * p
  return (x = x, p = p + 0.5 * e * grad(f, at = x))
}
// steps of random size: leaps of one length may come back to where they began (Neal 2011, section 3.2)
fn hmc_turn(f, x: f32[d], e, scale: f32[d], leaps: int) {
  let p = normal_noise(x)
  let size = e * (0.8 + 0.4 * uniform_noise()) * scale
  let y = last(scan(h = (x = x, p = p), t in 0..leaps) { return leap(f, h, size) })
  return moved_to(y.x, x, f(y.x) - 0.5 * sum(y.p^2) - f(x) + 0.5 * sum(p^2))
}
fn hmc_chain(f, x: f32[d], steps: int, warmup: int, keep: int, step: f32 = 0.1, leaps: int = 10,
             goal: f32 = 0.8) =
  warmed_chain((x, e, scale) => hmc_turn(f, x, e, scale, leaps), x, steps, warmup, keep, step, goal)

// a step along the slope with noise, x + e^2 / 2 grad f(x) + e n; adjusted it is one leap with momenta n
// (Roberts and Tweedie 1996)
fn langevin_turn(f, x: f32[d], e, scale: f32[d]) {
  let y = x + 0.5 * (e * scale)^2 * grad(f, at = x) + e * scale * normal_noise(x)
  return (x = y, accepted = 1 + 0 * e, away = 0 * e)
}
fn langevin_chain(f, x: f32[d], steps: int, warmup: int, keep: int, step: f32 = 0.1, adjust: bool = true,
                  goal: f32 = 0.6) =
  warmed_chain(if adjust then (x, e, scale) => hmc_turn(f, x, e, scale, 1)
               else (x, e, scale) => langevin_turn(f, x, e, scale), x, steps, warmup, keep, step, goal)

// the no-U-turn sampler (Hoffman and Gelman 2014): a trajectory is doubled until its ends turn towards each
// other; of its points one is drawn by their densities (Betancourt 2017, appendix A). `total` is the sum of
// the momenta, `mass` the logarithm of the sum of the densities beside that of the start
fn nuts_turn(f, x: f32[d], e, scale: f32[d], depth: int) {
  let p = normal_noise(x)
  let h0 = f(x) - 0.5 * sum(p^2)
  let zero = 0 * h0
  let start = (x = x, low = x, low_p = p, high = x, high_p = p, total = p, mass = zero, open = 1 + zero,
               chance = zero, leaps = zero, away = zero)
  let end = start |> chain(j in 0..depth) { (h) => doubled(f, h, h0, e * scale, 2^j, j) }
  return (x = end.x, accepted = end.chance / max(end.leaps, 1), away = end.away)
}
fn doubled(f, h, h0, e: f32[d], n: int, j: int) {
  let forth = uniform_noise() < 0.5
  let way = where(forth, 1, -1)
  let from = (x = where(forth, h.high, h.low), p = where(forth, h.high_p, h.low_p), gain = h0)
  let s = scan(s = from, t in 0..n) {
    let y = leap(f, (x = s.x, p = s.p), way * e)
    return (x = y.x, p = y.p, gain = f(y.x) - 0.5 * sum(y.p^2) - h0)
  }
  let gain = where(s.gain == s.gain, s.gain, -infinity)
  let away = 1 - min(where(gain > -1000, 1, 0))
  let straight = (1 - away) |> chain(i in 1..j + 1) { (ok) => ok * blocks_go_on(s.p, 2^i) }
  let mass = logsumexp(gain)
  let at = argmax(gain - log(-log(uniform_noise(gain))))
  let built = h.open
  let good = built * straight > 0.5
  let total = where(good, h.total + sum(s.p, over = 0), h.total)
  let (low, high) = (good and not forth, good and forth)
  let low_p = where(low, last(s.p), h.low_p)
  let high_p = where(high, last(s.p), h.high_p)
  let taken = good and log(uniform_noise()) < mass - h.mass
  return (x = where(taken, s.x[at], h.x), low = where(low, last(s.x), h.low), low_p = low_p,
          high = where(high, last(s.x), h.high), high_p = high_p, total = total,
          mass = where(good, logsumexp(concat(h.mass, mass)), h.mass),
          open = built * straight * goes_on(total, low_p, high_p),
          chance = h.chance + built * sum(exp(min(gain, 0))), leaps = h.leaps + built * n,
          away = max(h.away, built * away))
}
fn goes_on(total: f32[d], a: f32[d], b: f32[d]) = where(dot(total, a) > 0 and dot(total, b) > 0, 1, 0)
// whether all blocks of so many leaps, one after the other, go on
fn blocks_go_on(p: f32[n, d], size: int) {
  let blocks = reshape(p, n / size, size, d)
  let total = sum(blocks, over = 1)
  let ends = min(sum(total * blocks[:, 0], over = 1), sum(total * blocks[:, size - 1], over = 1))
  return where(min(ends) > 0, 1, 0)
}
fn nuts_chain(f, x: f32[d], steps: int, warmup: int, keep: int, step: f32 = 0.1, depth: int = 6,
              goal: f32 = 0.8) =
  warmed_chain((x, e, scale) => nuts_turn(f, x, e, scale, depth), x, steps, warmup, keep, step, goal)

// the logarithm of the integral of exp(f), by annealed importance sampling (Neal 2001) from standard normals
// of the size of `like`; the mean of the weights of several chains
fn annealed_mass(f, like: f32[d], chains: int = 10, temps: int = 1000, step: f32 = 0.1, leaps: int = 10) =
  logsumexp(map((k) => annealed_weight(f, like, temps, step, leaps), iota(chains))) - log(chains)
fn annealed_weight(f, like: f32[d], temps: int, step, leaps: int) {
  let base = (x) => -0.5 * sum(x^2) - 0.5 * d * log(2 * pi)
  // slow at both ends (Wu, Burda, Salakhutdinov and Grosse 2017, section 4)
  let share = (t) => (sigmoid(4 * (2 * t / temps - 1)) - sigmoid(-4)) / (sigmoid(4) - sigmoid(-4))
  let x = normal_noise(like)
  let s = last(scan(h = (x = x, w = 0 * sum(x)), t in 0..temps) {
    let (low, b) = (share(float(t)), share(float(t + 1)))
    let w = h.w + (b - low) * (f(h.x) - base(h.x))
    let y = hmc_turn((x) => (1 - b) * base(x) + b * f(x), h.x, step, ones(d), leaps)
    return (x = y.x, w = w)
  })
  return s.w
}

// reals of the cell of a discrete value: bits and categories have equal parts of a standard normal, counts the
// logarithms of the numbers up to the next one
fn inside_bit(z) = (2 * z - 1) * abs(normal_noise(z))
fn inside_category(k, n) = normal_icdf((float(k) + uniform_noise(float(k))) / n)
fn inside_count(z) = log(z + uniform_noise(z))
