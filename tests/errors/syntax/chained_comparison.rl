const a = 0 < b < 1

// error: RL0014 1:17 `<` does not chain
// help: join two comparisons with `and`: `a < b and b < c`
