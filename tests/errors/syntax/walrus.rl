model p(x) {
  x := 3
}

// error: RL0014 2:5 `:=` is not an operator
// help: write `x = ...`, or put a type between: `x: f32 = ...`
