train fit(epochs = 3) on d.train { track a }

// error: RL0014 1:10 a header has no parentheses
// help: a header reads `train fit on d.train batch 128 epochs 20 { ... }`
