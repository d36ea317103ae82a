train fit on d.train {
  minimize a with adam(lr = 1e-3)
}

// error: RL0014 2:14 `over` is missing in this update
// help: say whose weights move: `minimize L over (enc, dec) with adam(lr = 1e-3)`
