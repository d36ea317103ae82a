data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(10)
loss nll = cross_entropy(f(x), y)
train one on d.train epochs 1 until f(x) stalls 3 on d.valid { minimize nll over f with adam(lr = 1e-3) }
train two on d.train epochs 1 until nll stalls 0 on d.valid { minimize nll over f with adam(lr = 1e-3) }
train three on d.train epochs 1 until nll stalls 3 on d.held { minimize nll over f with adam(lr = 1e-3) }
eval four on d.test until nll stalls 3 on d.valid { report nll }

// error: RL0113 4:37 a figure is one number per example, this is `f32[10]`
// help: reduce it: `mean(...)`, `sum(...)`, `float(...)`
// error: RL0107 5:48 `stalls` is 0, and must be at least 1
// help: write a whole number of at least 1
// error: RL0126 6:57 a data set has no split `held`
// help: splits are train, valid and test
// error: RL0120 7:27 phase `four` does not train, so nothing can stall
// help: `until` stands in `train` phases
