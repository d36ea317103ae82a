use rbm.rl as rbm

// error: RL0014 1:5 the path of a file is a string
// help: write `use "rbm.rl"`
