loss a = f(b, (c + d)
loss e = f

// error: RL0009 1:11 `(` is never closed
// help: add the missing `)`
// also: 1:21 `)` is missing after this at the latest
