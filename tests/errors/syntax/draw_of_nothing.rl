prior p(z) {
  z: f32[4] ~
}

// error: RL0014 2:13 a value is missing after `~`
// help: write the value on the right
