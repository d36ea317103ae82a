const a = b || c

// error: RL0014 1:13 `||` separates the two sides of a divergence
// help: write `or` for a disjunction
