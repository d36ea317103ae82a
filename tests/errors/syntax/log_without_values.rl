loss a = log p
loss b = log p + 1

// error: RL0014 1:14 `(` is missing after `p`
// help: `log` reads, for instance, `log p(x | z)`
// error: RL0014 2:16 `+` does not fit here
// help: `log` reads, for instance, `log p(x | z)`
