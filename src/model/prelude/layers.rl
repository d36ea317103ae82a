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

// mean 0 and variance 1 along the last dim, then scale and shift (Ba, Kiros and Hinton 2016)
module LayerNorm(eps: f32 = 1e-5)(x: f32[...s, d]) -> f32[...s, d] {
  param g: f32[d] = ones()
  param b: f32[d] = zeros()
  let c = x - spread(mean(x, over = -1), x, over = -1)
  let r = sqrt(mean(c^2, over = -1) + eps)
  return c / spread(r, x, over = -1) * expand(g, over = s) + expand(b, over = s)
}
