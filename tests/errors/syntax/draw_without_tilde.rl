prior p(z) { z Normal(0, 1) }

// error: RL0014 1:16 `~` is missing before `Normal`
// help: write `~ Normal`: `~` draws from a distribution
