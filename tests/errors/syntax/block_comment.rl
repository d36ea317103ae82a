/* a comment
   of two lines */
loss a = b

// error: RL0008 1:1 comments are `// ...` only
// help: start each line of the comment with `//`
