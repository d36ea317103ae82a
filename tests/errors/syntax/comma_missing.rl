loss a = f(b c)

// error: RL0014 1:14 `c` follows a value without an operator
// help: put a comma or an operator between `b` and `c`
