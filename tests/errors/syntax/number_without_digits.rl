const a = .5
const b = 5.
const c = 1_000
const d = 3x

// error: RL0014 1:11 a number starts with a digit
// help: write `0.5`
// error: RL0014 2:11 a number ends with a digit
// help: write `5.0`
// error: RL0014 3:11 a number runs into a name
// help: write the digits without `_`: `1000`
// error: RL0014 4:11 a number runs into a name
// help: write a product with its sign: `3 * x`
