data a from uci_digits() { x: f32[64] in 0..1 }
data b from uci_digits() { x: f32[64] in 0..1, z: idx(10) }
param w: f32 = zeros()
loss l = (w - sum(b.x))^2
train t on a.train batch 32 steps 3 { minimize l over w with sgd(lr = 0.1) }
train u on (a.train, a.test) batch 32 steps 3 { minimize l over w with sgd(lr = 0.1) }
train v on (a.train, b.train) batch 32 steps 3 { minimize sum(x) * w^2 over w with sgd(lr = 0.1) }
train s on (a.train, c.train) batch 32 steps 3 { minimize l over w with sgd(lr = 0.1) }

// error: RL0126 5:7 the phase is on `a`, and reads `b.x`
// help: name both: `on (a.train, b.train)`
// error: RL0126 6:22 phase `u` runs on `a` twice
// help: declare the data set twice, under two names, or drop one split
// error: RL0102 7:63 two data sets have a field `x`
// help: write `a.x` or `b.x`
// error: RL0101 8:22 no data set is called `c`
// help: declare it: `data d from uci_digits() { x: f32[64] in 0..1 }`
