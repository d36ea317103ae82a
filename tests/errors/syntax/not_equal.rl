const a = b <> c

// error: RL0014 1:13 `<>` is not an operator
// help: write `!=`
