net f(x: f32[4]) -> f32[4] {
  let a == x
  return a
}

// error: RL0014 2:9 `==` compares two values
// help: write `=` to give a value
