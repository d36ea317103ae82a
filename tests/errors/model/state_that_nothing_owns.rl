data d { x: f32[2] }
module M(by: f32)(z: f32) -> f32 {
  state m: f32 = zeros()
  m <- m + by
  return z + m
}
loss a = sum(x) |> M(1.0)

// error: RL0111 3:9 a state is made here that nothing owns
// help: put the layer in a `net`
