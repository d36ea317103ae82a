train fit on d.train {
  if a then track b
}

// error: RL0014 2:3 `if` is an expression, not a statement
// help: choose between values: `let y = if a then b else c`
