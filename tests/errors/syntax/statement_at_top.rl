minimize a over p with adam(lr = 1e-3)
return x

// error: RL0014 1:1 `minimize` stands outside of any body
// help: put it in the braces of a phase: `train fit on d.train { ... }`
// error: RL0014 2:1 `return` stands outside of any body
// help: put it in the braces of a `net`, `fn` or `model`
