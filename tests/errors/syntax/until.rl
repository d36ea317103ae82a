train fit on d.train epochs 20 until nll on d.valid { minimize nll over f with adam(lr = 1e-3) }

// error: RL0014 1:42 `stalls` is missing after `until`
// help: say how long to wait: `until nll stalls 5 on d.valid`
