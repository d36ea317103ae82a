const a = !b

// error: RL0003 1:11 unexpected character `!` (U+0021)
// help: write `not x`, or `!=` for unequal
