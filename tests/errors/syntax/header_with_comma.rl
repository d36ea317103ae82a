train fit on d.train, batch 128 { track a }

// error: RL0014 1:21 a header has no commas
// help: a header reads `train fit on d.train batch 128 epochs 20 { ... }`
