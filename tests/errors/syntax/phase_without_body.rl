train fit on d.train epochs 3

// error: RL0014 1:29 a phase needs a body in braces
// help: a header reads `train fit on d.train batch 128 epochs 20 { ... }`
