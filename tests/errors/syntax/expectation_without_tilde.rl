loss a = E[z q(z | x)](b)

// error: RL0014 1:14 `~` is missing before `q`
// help: write `E[z ~ q...](...)`
