use "b.rl"
dim D = 1
