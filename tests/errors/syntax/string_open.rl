use "rbm.rl as rbm
loss a = b

// error: RL0008 1:5 unterminated string
// help: close it with `"` on the same line
