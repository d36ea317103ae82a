# a comment
loss a = b  # another
loss c = d

// error: RL0003 1:1 unexpected character `#` (U+0023)
// help: comments start with `//`
// error: RL0003 2:13 unexpected character `#` (U+0023)
// help: comments start with `//`
