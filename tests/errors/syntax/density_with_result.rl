decoder p(x | z: f32[4]) -> f32 {
  x ~ a
}

// error: RL0014 1:26 a density has no result
// help: a density gives its variable a type: `decoder p(x | z: f32[Z]) { x: bit[D] ~ ... }`
