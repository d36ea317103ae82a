loss a = 1 + � 2

// error: RL0003 1:14 unexpected character
// help: delete it
