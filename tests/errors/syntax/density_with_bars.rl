model p(x || z) { x ~ a }

// error: RL0014 1:11 `||` separates the sides of a divergence
// help: write `|` to condition: `p(x | z)`
