// Used by imports.rl.
dim V = 2
config gain: f32 = 1.0
param bias: f32[V] = zeros()
net helper(x: f32[V]) -> f32[V] {
  param w: f32[V] = constant(gain)
  return x * w
}
net p(x: f32[V]) -> f32[V] = helper(x) + bias
model q(z) {
  param centre: f32[V] = constant(gain)
  z: f32[V] ~ Normal(centre, 1)
}
