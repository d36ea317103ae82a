a = 3
z ~ Normal(0, 1)

// error: RL0014 1:1 `a = ...` stands outside of any body
// help: say what it is: `const a = ...`, `dim a = ...` or `loss a = ...`
// error: RL0014 2:1 `z ~ ...` stands outside of any body
// help: put it in a density: `prior p(z) { z ~ ... }`
