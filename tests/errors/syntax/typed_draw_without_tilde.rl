prior p(z) { z: f32[4] Normal(0, 1) }

// error: RL0014 1:24 `~` is missing before `Normal`
// help: write `~ Normal`: `~` draws from a distribution
