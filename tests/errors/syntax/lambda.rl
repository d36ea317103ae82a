const a = map(lambda x: x + 1, xs)

// error: RL0014 1:15 a lambda has no keyword
// help: write `(x) => ...`
