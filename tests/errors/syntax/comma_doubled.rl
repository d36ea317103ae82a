loss a = f(b,, c)

// error: RL0014 1:14 an argument is missing before this comma
// help: delete the comma
