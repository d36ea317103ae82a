prior p(z) {
  z: f32[4] ~ Normal(0, 1)

loss a = b +
loss c = d

// error: RL0009 1:12 `{` is never closed
// help: add the missing `}`
// also: 2:26 `}` is missing after this at the latest
// error: RL0014 4:12 a value is missing after `+`
// help: write a value, or delete the `+`
