net f(x: f32[4]) -> f32[4] {
  x |> relu
}

// error: RL0014 2:3 a value alone is not a statement
// help: name it with `let y = x...`, or give it back with `return x...`
