const a = x <-y

// error: RL0014 1:13 `<-` updates a state or a weight, as a statement
// help: for "less than minus" put a blank between: `x < -y`
