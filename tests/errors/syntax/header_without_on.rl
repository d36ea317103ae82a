train fit d.train { track a }

// error: RL0014 1:11 `on` is missing before `d`
// help: a header reads `train fit on d.train batch 128 epochs 20 { ... }`
