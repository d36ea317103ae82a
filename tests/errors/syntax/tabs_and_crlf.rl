loss a = b
	loss	c d

// error: RL0014 2:9 `=` is missing before `d`
// help: write `= d`
