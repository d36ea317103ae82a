const a = b | c

// error: RL0014 1:13 `|` conditions a density, inside its parentheses
// help: write `or` for a disjunction, `|>` to pass a value on
