loss a = E[z ~ q(z | x)]
loss b = c

// error: RL0014 1:24 an expectation needs a body
// help: write what is averaged in parentheses: `E[z ~ q(z | x)](log p(x | z))`
