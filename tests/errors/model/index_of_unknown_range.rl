data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
param U: f32[3, 4] = normal()
net f(x: f32[64]) -> f32[10] = x |> Linear(10)
loss a = sum(U[int(5 + sum(x))]^2)
loss b = sum(U[int(3 * x[0])]^2)
loss c = pick(f(x), int(sum(x)))
loss e = sum(one_hot(int(sum(x)), 4))
loss g = sum(U[int(5 + 0 * x[0])]^2)
loss h = sum(U[argmax(f(x))])
loss i = cross_entropy(f(x), y + 1)
train t on d.train batch 32 steps 3 { minimize a + b + c + e + g + h + i over (U, f) with sgd(lr = 0.1) }

// error: RL0103 4:16 an index of unknown range into a dim of 3
// help: bring it there: `clip(i, 0, 2)` or `i % 3`; data and arguments are declared `idx(3)`
// error: RL0103 5:16 indices up to 3 into a dim of 3
// help: the table needs one row for each index; or bring them there: `clip(i, 0, 2)` or `i % 3`
// error: RL0103 6:10 an index of unknown range into a dim of 10
// help: bring it there: `clip(i, 0, 9)` or `i % 10`; data and arguments are declared `idx(10)`
// error: RL0103 7:14 an index of unknown range into a dim of 4
// help: bring it there: `clip(i, 0, 3)` or `i % 4`; data and arguments are declared `idx(4)`
// error: RL0103 8:16 index 5 into a dim of 3
// help: indices count from 0, the last is 2
// error: RL0103 9:16 indices up to 9 into a dim of 3
// help: the table needs one row for each index; or bring them there: `clip(i, 0, 2)` or `i % 3`
// error: RL0106 10:30 argument `y` of `cross_entropy` is `idx(n)`, given `int`
// help: bring it into range: `clip(i, 0, n - 1)`
