loss a = E[z = q(z | x)](b)

// error: RL0014 1:14 an expectation draws its variable
// help: write `E[z ~ ...](...)`: `~` draws from a density
