// flows.rl - layers that can be undone, for changes of variables: `x = flow(u)`. Inverse and log-determinant
// are derived, or given where they cannot be.

// one half, scaled and moved by a net of the other (Dinh, Sohl-Dickstein and Bengio 2017, eq. 7); the
// logarithm of the scale stays between -limit and limit, and is the net's where that is small
bijection Coupling(n: int, swap: bool = false, limit: f32 = 2)(u: f32[d]) -> f32[d] {
  let (a, b) = halves(u, swap = swap)
  let (s, t) = a |> Linear(n) |> relu |> Linear(n) |> relu |> Linear(d) |> halves
  return join(a, b * exp(limit * tanh(s / limit)) + t, swap = swap)
}

// the same for images, by half of the channels: a net of three convolutions, the middle one of single pixels
// (Kingma and Dhariwal 2018, sec. 5)
bijection ConvCoupling(n: int, swap: bool = false, limit: f32 = 2)(x: f32[c, h, w]) -> f32[c, h, w] {
  let (a, b) = halves(flatten(x), swap = swap)
  let half = reshape(a, c / 2, h, w) |> Conv2d(n, 3, pad = "same") |> relu |> Conv2d(n, 1) |> relu
  let (s, t) = half |> Conv2d(c, 3, pad = "same") |> flatten |> halves
  return reshape(join(a, b * exp(limit * tanh(s / limit)) + t, swap = swap), c, h, w)
}

// couplings that take turns
bijection RealNVP(n: int, k: int = 6)(u: f32[d]) -> f32[d] =
  u |> chain(i in 0..k) { Coupling(n, swap = i % 2 == 1) }

// every element scaled and moved
bijection ScaleShift()(u: f32[...s]) -> f32[...s] {
  param scale: f32[...s] = zeros()
  param move: f32[...s] = zeros()
  return u * exp(scale) + move
}

// every channel scaled and moved, from a start at which it has mean 0 and variance 1 over the batch and all
// positions: the first train step keeps these moments (Kingma and Dhariwal 2018, sec. 3.1). For the way from data
// to noise; on the other way it is `inverse(norm, at = u)`
bijection ActNorm()(x: f32[c, ...s]) -> f32[c, ...s] {
  param scale: f32[c] = zeros()
  param move: f32[c] = zeros()
  state center: f32[c] = zeros()
  state size: f32[c] = zeros()
  state seen: bit = 0
  let u = reshape(x, c, -1)
  let m = batch_mean(mean(u, over = 1))
  let v = batch_mean(mean((u - spread(m, u, over = 1))^2, over = 1))
  center <- where(seen < 0.5, stop(m), center)
  size <- where(seen < 0.5, 0.5 * log(stop(v) + 1e-6), size)
  seen <- 1
  let a = (u - spread(center, u, over = 1)) * spread(exp(scale - size), u, over = 1)
  return reshape(a + spread(move, u, over = 1), c, s)
}

// a product with a matrix along the last dim, kept as lower times upper triangle (Kingma and Dhariwal
// 2018, eq. 10, without the permutation)
bijection LULinear()(u: f32[...s, d]) -> f32[...s, d] {
  param lower: f32[d, d] = normal(0, 0.01)
  param upper: f32[d, d] = normal(0, 0.01)
  param scale: f32[d] = zeros()
  param b: f32[d] = zeros()
  let after = expand(iota(d), over = d) > expand(iota(d), over = d).T
  let l = where(after.T, lower, 0) + eye(d)
  let r = where(after, upper, 0) + diag(exp(scale))
  return custom_inverse((a) => a @ l @ r, at = u,
    inverse = (b) => solve_lower(solve_upper(b, r), l),
    log_det = (a) => scale * (sum(0 * a + 1) / d)) + expand(b, over = s)
}

// the same product at every pixel (Kingma and Dhariwal 2018, sec. 3.2)
bijection InvertibleConv1x1()(x: f32[c, h, w]) -> f32[c, h, w] =
  x |> permute(1, 2, 0) |> LULinear() |> permute(2, 0, 1)

// v with v @ r = y, for an upper triangle r: its columns one after the other
fn solve_upper(y: f32[...s, d], r: f32[d, d]) {
  let rows = reshape(y, -1, d).T
  let v = last(scan(v = 0 * rows, t in 0..d) {
    return v + outer(one_hot(t, d), (rows[t] - r.T[t] @ v) / r[t][t])
  })
  return reshape(v.T, s, d)
}

// v with v @ l = y, for a lower triangle l: from the last column to the first
fn solve_lower(y: f32[...s, d], l: f32[d, d]) =
  flip(solve_upper(flip(y), flip(l, over = (0, 1))))

// a monotone spline of rational quadratics between -bound and bound, the identity outside (Durkan, Bekasov,
// Murray and Papamakarios 2019, eq. 4). `w`, `h`: where its k pieces meet, [d, k + 1]; `m`: its slopes there
fn spline(x: f32[d], w: f32[d, q], h: f32[d, q], m: f32[d, q], bound) {
  let v = clip(x, -bound, bound)
  let (x0, y0, m0, m1, wide, s) = spline_piece(spline_bin(v, w), w, h, m)
  let t = (v - x0) / wide
  let y = y0 + s * wide * (s * t^2 + m0 * t * (1 - t)) / (s + (m1 + m0 - 2 * s) * t * (1 - t))
  return where(abs(x) < bound, y, x)
}
fn spline_inverse(y: f32[d], w: f32[d, q], h: f32[d, q], m: f32[d, q], bound) {
  let v = clip(y, -bound, bound)
  let (x0, y0, m0, m1, wide, s) = spline_piece(spline_bin(v, h), w, h, m)
  let e = v - y0
  let g = e * (m1 + m0 - 2 * s)
  let a = s * wide * (s - m0) + g
  let b = s * wide * m0 - g
  let t = 2 * s * e / (b + sqrt(max(b^2 + 4 * a * s * e, 0)))
  return where(abs(y) < bound, x0 + t * wide, y)
}
fn spline_log_slope(x: f32[d], w: f32[d, q], h: f32[d, q], m: f32[d, q], bound) {
  let v = clip(x, -bound, bound)
  let (x0, y0, m0, m1, wide, s) = spline_piece(spline_bin(v, w), w, h, m)
  let t = (v - x0) / wide
  let up = m1 * t^2 + 2 * s * t * (1 - t) + m0 * (1 - t)^2
  let down = s + (m1 + m0 - 2 * s) * t * (1 - t)
  return where(abs(x) < bound, 2 * log(s) + log(up) - 2 * log(down), 0)
}
// 1 for the piece that a value lies in, 0 for the others
fn spline_bin(x: f32[d], knots: f32[d, q]) {
  let wide = expand(x, over = q - 1).T
  let above = wide >= concat(full(-infinity, d, 1), knots[:, 1:q - 1])
  let below = wide < concat(knots[:, 1:q - 1], full(infinity, d, 1))
  return float(above and below)
}
// ends, slopes, width and mean slope of a piece
fn spline_piece(bin: f32[d, k], w: f32[d, q], h: f32[d, q], m: f32[d, q]) {
  let wide = sum((w[:, 1:] - w[:, 0:k]) * bin, over = 1)
  let tall = sum((h[:, 1:] - h[:, 0:k]) * bin, over = 1)
  return (sum(w[:, 0:k] * bin, over = 1), sum(h[:, 0:k] * bin, over = 1),
          sum(m[:, 0:k] * bin, over = 1), sum(m[:, 1:] * bin, over = 1), wide, tall / wide)
}
// from scores to where pieces meet, and to slopes: 1 at both ends
fn spline_knots(scores: f32[d, k], bound) =
  2 * bound * concat(zeros(d, 1), cumsum(0.001 + (1 - 0.001 * k) * softmax(scores))) - bound
fn spline_slopes(scores: f32[d, k]) =
  concat(concat(ones(d, 1), 0.001 + softplus(scores + 0.54)), ones(d, 1))

// one half through splines whose shape is a net of the other
bijection SplineCoupling(n: int, bins: int = 8, swap: bool = false, bound: f32 = 3)(u: f32[d]) -> f32[d] {
  let (a, b) = halves(u, swap = swap)
  let p = a |> Linear(n) |> relu |> Linear(n) |> relu |> Linear(d / 2 * (3 * bins - 1))
  let p = reshape(p, d / 2, 3 * bins - 1)
  let w = spline_knots(p[:, 0:bins], bound)
  let h = spline_knots(p[:, bins:2 * bins], bound)
  let m = spline_slopes(p[:, 2 * bins:])
  let c = custom_inverse((x) => spline(x, w, h, m, bound), at = b,
    inverse = (y) => spline_inverse(y, w, h, m, bound),
    log_det = (x) => spline_log_slope(x, w, h, m, bound))
  return join(a, c, swap = swap)
}

// element t scaled and moved by what stands before it (Papamakarios, Pavlakou and Murray 2017), by a net of two
// hidden layers with masks (Germain et al. 2015). Densities are computed at once, draws one element after
// the other
bijection MaskedAffine(n: int, reverse: bool = false, limit: f32 = 2)(u: f32[d]) -> f32[d] {
  param W: f32[d, n] = glorot()
  param M: f32[n, n] = glorot()
  param V: f32[n, 2 * d] = normal(0, 0.01)
  param a: f32[n] = zeros()
  param b: f32[n] = zeros()
  param c: f32[2 * d] = zeros()
  let turns = max(d - 1, 1)
  let degree = iota(n) - turns * floor(iota(n) / turns)
  let into = expand(iota(d), over = n).T <= expand(degree, over = d)
  let within = expand(degree, over = n).T <= expand(degree, over = n)
  let out = expand(degree, over = d).T < expand(iota(d), over = n)
  let hidden = (x) => relu(relu(x @ (W * float(into)) + a) @ (M * float(within)) + b)
  let both = (x) => hidden(x) @ (V * float(concat(out, out))) + c
  let log_scale = (x) => limit * tanh(both(x)[0:d] / limit)
  let move = (x) => both(x)[d:]
  let x = custom_inverse(
    (u) => last(scan(x = 0 * u, t in 0..d) {
      return x + one_hot(t, d) * (u * exp(log_scale(x)) + move(x))
    }),
    at = u,
    inverse = (x) => (x - move(x)) * exp(-log_scale(x)),
    log_det = (u, x) => log_scale(x))
  return if reverse then flip(x) else x
}

// grey levels, k / (levels - 1), as reals of 0..1 with noise between the levels (Theis, Oord and Bethge
// 2016): the density of these, `log(levels)` added to -log p for each number, bounds that of the levels
fn dequantized(x, levels = 256) = (x * (levels - 1) + uniform_noise(x)) / levels

// the same with noise of 0..1 that is given: drawn from a density of one's own, -log q of it counts too (Ho et
// al. 2019)
fn dequantized_by(x, noise, levels = 256) = (x * (levels - 1) + noise) / levels

// log-odds of numbers of 0..1 that are kept `margin` away from both ends (Dinh, Sohl-Dickstein and Bengio 2017,
// sec. 4.1); the slopes count as in every change of variables
fn logit(x, margin = 0.0) {
  let inside = (x) => margin + (1 - 2 * margin) * x
  return custom_inverse((x) => log(inside(x)) - log1p(-inside(x)), at = x,
    inverse = (y) => (sigmoid(y) - margin) / (1 - 2 * margin),
    log_det = (x) => log(1 - 2 * margin) - log(inside(x)) - log1p(-inside(x)))
}

// channels of the pixels of every square of two by two (Dinh, Sohl-Dickstein and Bengio 2017, fig. 3)
fn squares(x: f32[c, h, w]) =
  reshape(permute(reshape(x, c, h / 2, 2, w / 2, 2), 0, 2, 4, 1, 3), 4 * c, h / 2, w / 2)
