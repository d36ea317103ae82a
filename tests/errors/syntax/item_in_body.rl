model p(x) {
  loss a = b
}

// error: RL0014 2:3 `loss` cannot stand in a body
// help: declare it at top level, or close the braces before it with `}`
