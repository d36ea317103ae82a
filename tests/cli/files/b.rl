use "a.rl"
