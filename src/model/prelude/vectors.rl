// vectors.rl - families whose values are vectors: on the simplex, of reals, on the sphere. `x` is one vector.

distribution Dirichlet(concentration: f32[n]) on simplex[n] {
  total    = sum(concentration)
  draw     = max(softmax(log_gamma_draw(concentration)), 1e-37)
  logp     = dirichlet_logp(x, concentration)
  entropy  = dirichlet_entropy(concentration)
  mean     = concentration / total
  variance = concentration / total * (1 - concentration / total) / (total + 1)
  pathwise = true
}
fn on_simplex(x) = min(x) >= 0 and abs(sum(x) - 1) < 1e-4
fn dirichlet_logp(x, a) {
  let n = sum(a)
  let end = where(a > 1, -infinity, where(a == 1, log(n), infinity))
  let terms = where(x > 0, shape_term(where(x > 0, x, 1), a, n), end)
  let value = sum(terms) + n * (sum(x) - 1) + 0.5 * log(2 * pi / n) + stirling(n)
  return where(on_simplex(x), value, -infinity)
}
fn dirichlet_entropy(a) {
  let n = sum(a)
  let k = sum(0 * a + 1)
  let parts = stirling(a) + 0.5 * log(2 * pi) + 0.5 * log(a) + 0.5 - 0.5 / a + (a - 1) * digamma_off(a)
  return sum(parts) - stirling(n) - 0.5 * log(2 * pi) + (0.5 - k) * log(n) - (n - k) * (0.5 / n + digamma_off(n))
}

distribution RelaxedBernoulli(temperature: f32, logits: f32) on unit {
  draw     = clip(relaxed_bit(logits, temperature), 1e-37, 0.99999994)
  logp     = relaxed_logp(x, temperature, logits)
  pathwise = true
}
fn relaxed_logp(x, t, logits) {
  let inside = x > 0 and x < 1
  let v = where(inside, x, 0.5)
  let s = t * (log(v) - log1p(-v)) - logits
  let value = -s - 2 * softplus(-s) + log(t) - log(v) - log1p(-v)
  let at_ends = where(t > 1, -infinity, where(t < 1, infinity, where(x == 0, -logits, logits)))
  return where(inside, value, where(x == 0 or x == 1, at_ends, -infinity))
}

distribution Concrete(temperature: f32, logits: f32[n]) on simplex[n] {
  draw     = max(relaxed_one_hot(centered(logits), uniform_noise(logits), temperature), 1e-37)
  logp     = concrete_logp(x, temperature, log_softmax(logits))
  pathwise = true
}
fn concrete_logp(x, t, logits) {
  let n = sum(0 * logits + 1)
  let v = where(x > 0, x, 1)
  let value = lgamma(n) + (n - 1) * log(t) + sum(logits - (t + 1) * log(v)) - n * logsumexp(logits - t * log(v))
  let zeros = sum(float(x == 0))
  let at_end = where(n * t > zeros * (t + 1), -infinity, infinity)
  return where(on_simplex(x), where(zeros > 0, at_end, value), -infinity)
}

distribution OneHotCategorical(logits: f32[n]) on bit[n] {
  draw     = one_hot_of(argmax(centered(logits) - log(-log(uniform_noise(logits))), over = -1), logits)
  logp     = where(is_one_hot(x), sum(where(x == 1, log_softmax(logits), 0)), -infinity)
  mean     = softmax(logits)
  relaxed  = relaxed_one_hot(centered(logits), uniform_noise(logits), temperature)
  variance = softmax(logits) * (1 - softmax(logits))
  mode     = one_hot_of(argmax(logits, over = -1), logits)
  entropy  = -sum(weighted(softmax(logits), log_softmax(logits)))
}
distribution OneHotCategorical(probs: f32[n]) on bit[n] {
  logits   = log(probs)
  draw     = one_hot_of(argmax(log(probs) - log(-log(uniform_noise(probs))), over = -1), probs)
  logp     = where(is_one_hot(x), sum(where(x == 1, log(probs), 0)), -infinity)
  mean     = probs
  relaxed  = relaxed_one_hot(log(probs), uniform_noise(probs), temperature)
  variance = probs * (1 - probs)
  mode     = one_hot_of(argmax(probs, over = -1), probs)
  entropy  = -sum(weighted(probs, log(probs)))
}
fn relaxed_one_hot(logits, u, t) = softmax((logits - log(-log(u))) / t)
fn one_hot_of(k, like: f32[n]) = one_hot(k, n)
fn is_one_hot(x) = sum(x) == 1 and max(x) == 1 and min(x) == 0 or sum(0 * x + 1) == 1 and sum(x) == 1

distribution MultivariateNormal(loc: f32[n], scale_tril: f32[n, n]) on real[n] {
  root     = lower_triangle(scale_tril)
  draw     = loc + root @ normal_noise()
  logp     = -0.5 * sum(solve_tril(root, x - loc)^2 + log(2 * pi)) - sum(log(abs(diag(root))))
  entropy  = 0.5 * sum(0 * loc + 1 + log(2 * pi)) + sum(log(abs(diag(root))))
  mean     = loc
  variance = sum(root^2, over = -1)
  pathwise = true
}
distribution MultivariateNormal(loc: f32[n], covariance: f32[n, n]) on real[n] {
  root     = cholesky(covariance)
  draw     = loc + root @ normal_noise()
  logp     = -0.5 * sum(solve_tril(root, x - loc)^2 + log(2 * pi)) - sum(log(diag(root)))
  entropy  = 0.5 * sum(0 * loc + 1 + log(2 * pi)) + sum(log(diag(root)))
  mean     = loc
  variance = diag(covariance)
  pathwise = true
}
fn lower_triangle(a: f32[n, n]) = where(causal_mask(n), a, 0)
// the lower triangle l with l @ l.T = a, one column after the other; what is above the diagonal of `a` is not read
fn cholesky(a: f32[n, n]) -> f32[n, n] = last(scan(l = 0 * a, t in 0..n) {
  let c = (a.T[t] - l @ l[t]) * float(iota(n) >= float(t))
  return l + outer(c / sqrt(c[t]), one_hot(t, n))
})
// v with l @ v = b, for a lower triangle l
fn solve_tril(l: f32[n, n], b: f32[n]) -> f32[n] = last(scan(v = 0 * b, t in 0..n) {
  return v + one_hot(t, n) * (b[t] - dot(l[t], v)) / l[t][t]
})
fn solve_trils(l: f32[n, n], b: f32[n, m]) -> f32[n, m] = last(scan(v = 0 * b, t in 0..n) {
  return v + outer(one_hot(t, n), (b[t] - l[t] @ v) / l[t][t])
})
fn normal_gap(q_loc, q_factor: f32[n, n], p_loc, p_factor: f32[n, n]) =
  0.5 * (frob2(solve_trils(p_factor, q_factor)) + frob2(solve_tril(p_factor, p_loc - q_loc)) - n)
    + sum(log(abs(diag(p_factor)))) - sum(log(abs(diag(q_factor))))

// covariance cov_factor @ cov_factor.T + diag(cov_diag), by the matrix determinant lemma and Woodbury's identity
distribution LowRankMultivariateNormal(loc: f32[n], cov_factor: f32[n, r], cov_diag: f32[n]) on real[n] {
  scaled   = cov_factor.T / spread_rows(sqrt(cov_diag), cov_factor.T)
  inner    = cholesky(eye_plus(scaled @ scaled.T))
  half_det = 0.5 * sum(log(cov_diag)) + sum(log(diag(inner)))
  draw     = loc + cov_factor @ normal_noise(cov_factor[0]) + sqrt(cov_diag) * normal_noise(loc)
  logp     = low_rank_logp((x - loc) / sqrt(cov_diag), scaled, inner) - half_det
  entropy  = 0.5 * sum(0 * loc + 1 + log(2 * pi)) + half_det
  mean     = loc
  variance = sum(cov_factor^2, over = -1) + cov_diag
  pathwise = true
}
fn spread_rows(v: f32[n], like: f32[r, n]) = expand(v, over = r)
fn eye_plus(a: f32[n, n]) = a + eye(n)
fn low_rank_logp(d, scaled, inner) = -0.5 * (sum(d^2 + log(2 * pi)) - frob2(solve_tril(inner, scaled @ d)))

distribution Multinomial(total: f32, logits: f32[n]) on count[n] {
  probs    = softmax(logits)
  draw     = multinomial_draw(total, probs)
  logp     = multinomial_logp(x, total, probs, log_softmax(logits))
  mean     = total * probs
  variance = total * probs * (1 - probs)
  tilted   = Multinomial(total, logits = logits + s)
  log_mgf  = total * (logsumexp(logits + s) - logsumexp(logits))
}
distribution Multinomial(total: f32, probs: f32[n]) on count[n] {
  draw     = multinomial_draw(total, probs)
  logp     = multinomial_logp(x, total, probs, log(probs))
  mean     = total * probs
  variance = total * probs * (1 - probs)
  tilted   = Multinomial(total, probs = softmax(log(probs) + s))
  log_mgf  = total * logsumexp(log(probs) + s)
}
fn multinomial_logp(x, total, p, log_p) {
  let inside = min(x) >= 0 and sum(x) == total and sum(abs(x - floor(x))) == 0
  let k = where(inside, x, 0)
  let value = factorial_off(total) - sum(factorial_off(k)) - sum(deviance_at(k, total * p, log(total) + log_p))
  return where(inside, value, -infinity)
}
// each count given those before it is binomial
fn multinomial_draw(total, p: f32[n]) = last(scan(s = (k = 0 * p, left = total, share = 1 + 0 * sum(p)), t in 0..n) {
  let ratio = where(p[t] >= s.share, 1, p[t] / max(s.share, 1e-37))
  let drawn = if t == n - 1 then s.left else binomial_draw(s.left, ratio)
  return (k = s.k + drawn * one_hot(t, n), left = s.left - drawn, share = max(s.share - p[t], 0))
}).k

// on the unit sphere, around the direction of `loc` (Wood 1994)
distribution VonMisesFisher(loc: f32[n], concentration: f32) on sphere[n] {
  centre   = loc / norm(loc)
  half     = 0.5 * sum(0 * loc + 1) - 1
  log_c    = -(half + 1) * log(2 * pi) - bessel_log(half, concentration)
  short    = sphere_short(half, concentration)
  draw     = sphere_draw(centre, concentration)
  logp     = where(abs(norm(x) - 1) < 1e-3, log_c - 0.5 * concentration * frob2(x - centre), -infinity)
  entropy  = -log_c + concentration * short
  mean     = (1 - short) * centre
  mode     = centre
}
// log of I_v(k) exp(-k) / k^v and I_{v+1}(k) / (k I_v(k)), by the recurrence in v from v + 12 down, where Debye's
// series (DLMF 10.41.3) is exact to 32 bits
fn bessel_log(v, k) = bessel_down(v, k).log
fn bessel_down(v, k) {
  let far = v + 12
  let start = (log = debye_log(far, k), ratio = exp(debye_log(far + 1, k) - debye_log(far, k)))
  let end = last(scan(s = start, t in 0..12) {
    let up = 2 * (far - float(t)) + k^2 * s.ratio
    return (log = s.log + log(up), ratio = 1 / up)
  })
  return end
}
fn debye_log(v, k) {
  let root = sqrt(v^2 + k^2)
  let s = (v / root)^2
  let u1 = (3 - 5 * s) / 24
  let u2 = (81 - s * (462 - s * 385)) / 1152
  let u3 = (30375 - s * (369603 - s * (765765 - s * 425425))) / 414720
  let u4 = (4465125 - s * (94121676 - s * (349922430 - s * (446185740 - s * 185910725)))) / 39813120
  return v^2 / (root + k) - v * log(v + root) - 0.5 * log(2 * pi) - 0.5 * log(root)
    + log1p((u1 + (u2 + (u3 + u4 / root) / root) / root) / root)
}
// 1 - I_{v+1}(k) / I_v(k), what the mean is shorter than 1; of large k by a series in 1 / k, since
// A = I_{v+1} / I_v has the slope 1 - A^2 - (2 v + 1) A / k
fn sphere_short(v, k) {
  let d = 2 * v + 1
  let c = d * (2 - d) / 8
  let c4 = 1.5 * c + 0.5 * c^2
  let s = 1 / max(k, 20 + d^2)
  let far = s * (0.5 * d + s * (c + s * (c + s * (c4 + s * (2 * c4 + c^2)))))
  return where(k > 20 + d^2, far, 1 - k * bessel_down(v, k).ratio)
}
fn sphere_draw(centre: f32[n], k) {
  let d = n - 1.0
  let b = d / (2 * k + sqrt(4 * k^2 + d^2))
  let x0 = (1 - b) / (1 + b)
  let many = expand(0 * k, over = 20)
  let z = sigmoid(log_gamma_draw(many + 0.5 * d) - log_gamma_draw(many + 0.5 * d))
  // 1 - w for each proposal w
  let short = 2 * b * z / (1 - (1 - b) * z)
  let ratio = k * (1 - x0 - short) + d * (log(1 - x0 + x0 * short) - log(1 - x0^2))
  let chosen = first_of(short, log(uniform_noise(many)) <= ratio)
  let g = normal_noise(centre)
  let side = g - dot(centre, g) * centre
  return (1 - chosen) * centre + sqrt(max(chosen * (2 - chosen), 0)) / norm(side) * side
}

divergence KL(q: Dirichlet, p: Dirichlet) =
  sum(deviance(p.concentration, p.total * (q.concentration / q.total)))
    + sum(gamma_rest(q.concentration, p.concentration)) - gamma_rest(q.total, p.total)
divergence KL(q: OneHotCategorical, p: OneHotCategorical) =
  sum(weighted(softmax(q.logits), log_softmax(q.logits) - log_softmax(p.logits)))
divergence KL(q: MultivariateNormal, p: MultivariateNormal) = normal_gap(q.loc, q.root, p.loc, p.root)
divergence KL(q: VonMisesFisher, p: VonMisesFisher) =
  q.log_c - p.log_c + (p.concentration - q.concentration) * q.short
    + 0.5 * p.concentration * frob2(q.centre - p.centre) * (1 - q.short)
