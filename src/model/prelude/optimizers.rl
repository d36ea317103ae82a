// optimizers.rl - one weight `w` with its gradient `g` to the new weight. `state` persists.

// what is added is kept, and decays
module Velocity(momentum: f32 in 0..1)(d: f32[...s]) -> f32[...s] {
  state v: f32[...s] = zeros()
  v <- momentum * v + d
  return v
}

// v <- momentum v + g, undamped, and the decay is part of g: as in PyTorch (Polyak 1964)
optimizer sgd(lr: f32 in 0..1e30 = 0.01, momentum: f32 in 0..1 = 0.0, weight_decay: f32 = 0.0)(w: f32[...s], g: f32[...s]) {
  let d = g + weight_decay * w
  return w - lr * (if momentum == 0 then d else Velocity(momentum)(d))
}

// sgd with another default and no decay
optimizer momentum(lr: f32 in 0..1e30 = 0.01, m: f32 in 0..1 = 0.9)(w: f32[...s], g: f32[...s]) {
  state v: f32[...s] = zeros()
  v <- m * v + g
  return w - lr * v
}

// Kingma and Ba 2015; eps outside of the root of the corrected moment, as in PyTorch
optimizer adam(lr: f32 in 0..1e30 = 1e-3, b1: f32 in 0..0.999999 = 0.9, b2: f32 in 0..0.999999 = 0.999, eps: f32 = 1e-8)(w: f32[...s], g: f32[...s]) {
  state m: f32[...s] = zeros()
  state v: f32[...s] = zeros()
  m <- b1 * m + (1 - b1) * g
  v <- b2 * v + (1 - b2) * g^2
  let t = updates() + 1
  return w - lr / (1 - b1^t) * m / (sqrt(v / (1 - b2^t)) + eps)
}

// Loshchilov and Hutter 2019: decay apart from the gradient, times the rate, as in PyTorch
optimizer adamw(lr: f32 in 0..1e30 = 1e-3, b1: f32 in 0..0.999999 = 0.9, b2: f32 in 0..0.999999 = 0.999, eps: f32 = 1e-8, weight_decay: f32 = 0.01)(w: f32[...s], g: f32[...s]) {
  state m: f32[...s] = zeros()
  state v: f32[...s] = zeros()
  m <- b1 * m + (1 - b1) * g
  v <- b2 * v + (1 - b2) * g^2
  let t = updates() + 1
  return w - lr * (m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps) + weight_decay * w)
}

// Tieleman and Hinton 2012; eps outside of the root; the default decay of PyTorch is 0.99
optimizer rmsprop(lr: f32 in 0..1e30 = 1e-3, decay: f32 in 0..1 = 0.9, eps: f32 = 1e-8)(w: f32[...s], g: f32[...s]) {
  state v: f32[...s] = zeros()
  v <- decay * v + (1 - decay) * g^2
  return w - lr * g / (sqrt(v) + eps)
}

// Duchi, Hazan and Singer 2011; eps outside of the root; the default of PyTorch is 1e-10
optimizer adagrad(lr: f32 in 0..1e30 = 0.01, eps: f32 = 1e-8)(w: f32[...s], g: f32[...s]) {
  state v: f32[...s] = zeros()
  v <- v + g^2
  return w - lr * g / (sqrt(v) + eps)
}

// adam for tables of which a step reads few rows: moments of elements without gradient rest, as in PyTorch,
// where they rest by rows
optimizer sparse_adam(lr: f32 in 0..1e30 = 1e-3, b1: f32 in 0..0.999999 = 0.9, b2: f32 in 0..0.999999 = 0.999, eps: f32 = 1e-8)(w: f32[...s], g: f32[...s]) {
  state m: f32[...s] = zeros()
  state v: f32[...s] = zeros()
  let moved = g != 0
  m <- where(moved, b1 * m + (1 - b1) * g, m)
  v <- where(moved, b2 * v + (1 - b2) * g^2, v)
  let t = updates() + 1
  return where(moved, w - lr / (1 - b1^t) * m / (sqrt(v / (1 - b2^t)) + eps), w)
}
