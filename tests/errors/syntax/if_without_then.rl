const a = if b: c else d
const e = if b then c

// error: RL0014 1:15 `then` is missing in this `if`
// help: write `if a then b else c`
// error: RL0014 2:21 `else` is missing in this `if`
// help: write `if a then b else c`
