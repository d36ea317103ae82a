loss a = b
/* never closed
loss c = d

// error: RL0008 2:1 unterminated comment
// help: start each line of the comment with `//`
