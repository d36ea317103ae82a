train fit on d.train {
  for i in 0..3 { track a }
}

// error: RL0014 2:3 there is no `for`
// help: write `repeat n { ... }` in a train phase; in expressions `chain(i in 0..n) { ... }`, `scan` or `map`
