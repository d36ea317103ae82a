// layers.rl - templates with weights of their own. Widths of inputs are inferred from the call.

// y = x W + b on the last dim
module Linear(n: int)(x: f32[...s, d]) -> f32[...s, n] {
  param W: f32[d, n] = glorot()
  param b: f32[n] = zeros()
  return x @ W + expand(b, over = s)
}

// a row of a table for every index
module Embedding(v: int, n: int)(i: idx(v)[...s]) -> f32[...s, n] {
  param E: f32[v, n] = normal(0, 0.02)
  return E[i]
}

// mean 0 and variance 1 along the last dim, then scale and shift (Ba, Kiros and Hinton 2016). The mean of
// large values is rounded; what that leaves in the differences is taken off as well, here and below
module LayerNorm(eps: f32 = 1e-5)(x: f32[...s, d]) -> f32[...s, d] {
  param g: f32[d] = ones()
  param b: f32[d] = zeros()
  let a = x - spread(mean(x, over = -1), x, over = -1)
  let c = a - spread(stop(mean(a, over = -1)), x, over = -1)
  let r = sqrt(mean(c^2, over = -1) + eps)
  return c / spread(r, x, over = -1) * expand(g, over = s) + expand(b, over = s)
}

// y = x W + b over windows; channels come first (LeCun et al. 1998). Filters are [n, c / groups, size, size].
module Conv2d(n: int, size: int, stride = 1, pad = 0, dilation = 1, groups: int = 1)(x: f32[c, h, w]) {
  param W: f32[n, c / groups, size, size] = he()
  param b: f32[n] = zeros()
  let y = conv(x, W, stride = stride, pad = pad, dilation = dilation, groups = groups)
  return y + spread(b, y, over = (1, 2))
}

module Conv1d(n: int, size: int, stride = 1, pad = 0, dilation = 1, groups: int = 1)(x: f32[c, t]) {
  param W: f32[n, c / groups, size] = he()
  param b: f32[n] = zeros()
  let y = conv(x, W, stride = stride, pad = pad, dilation = dilation, groups = groups)
  return y + spread(b, y, over = 1)
}

// the adjoint of Conv2d: `pad = "same"` multiplies the dims by the stride (Dumoulin and Visin 2016)
module ConvTranspose2d(n: int, size: int, stride = 1, pad = 0)(x: f32[c, h, w]) {
  param W: f32[c, n, size, size] = glorot()
  param b: f32[n] = zeros()
  let y = conv_transpose(x, W, stride = stride, pad = pad)
  return y + spread(b, y, over = (1, 2))
}

// mean 0 and variance 1 of every channel over batch and positions, then scale and shift; with
// running moments outside of training (Ioffe and Szegedy 2015)
module BatchNorm(rate: f32 = 0.1, eps: f32 = 1e-5)(x: f32[c, ...s]) -> f32[c, ...s] {
  param g: f32[c] = ones()
  param b: f32[c] = zeros()
  state mu: f32[c] = zeros()
  state variance: f32[c] = ones()
  let u = reshape(x, c, -1)
  let m = if training() then batch_mean(mean(u, over = 1)) else mu
  let a = u - spread(m, u, over = 1)
  let d = if training() then a - spread(stop(batch_mean(mean(a, over = 1))), u, over = 1) else a
  let v = if training() then batch_mean(mean(d^2, over = 1)) else variance
  mu <- (1 - rate) * mu + rate * m
  variance <- (1 - rate) * variance + rate * v
  return reshape(d * spread(g / sqrt(v + eps), u, over = 1) + spread(b, u, over = 1), c, s)
}

// mean 0 and variance 1 of every group of channels of an example, then scale and shift (Wu and He 2018)
module GroupNorm(groups: int, eps: f32 = 1e-5)(x: f32[c, ...s]) -> f32[c, ...s] {
  param g: f32[c] = ones()
  param b: f32[c] = zeros()
  let u = reshape(x, groups, -1)
  let a = u - spread(mean(u, over = 1), u, over = 1)
  let d = a - spread(stop(mean(a, over = 1)), u, over = 1)
  let n = reshape(d / spread(sqrt(mean(d^2, over = 1) + eps), u, over = 1), c, -1)
  return reshape(n * spread(g, n, over = 1) + spread(b, n, over = 1), c, s)
}
