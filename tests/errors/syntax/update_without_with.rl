train fit on d.train {
  minimize a over p
  track a
}

// error: RL0014 3:3 `with` is missing in this update
// help: say how they move: `minimize L over (enc, dec) with adam(lr = 1e-3)`
