loss a = b +

// error: RL0014 1:12 a value is missing after `+`
// help: write a value, or delete the `+`
