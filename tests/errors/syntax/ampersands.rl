const a = b && c

// error: RL0003 1:13 unexpected character `&` (U+0026)
// help: write `and`
