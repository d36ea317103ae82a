data d from uci_digits() { x: f32[64] in 0..1 }
param U: f32[3, 4] = normal()
loss a = sum(U[int(7 / 2)]^2)
loss b = sum(last(scan(k = int(2 + 0 * x[0]), t in 0..4) { return U[t] + 0 * x[0] })) + sum(U)
train t on d.train batch 32 steps 3 { minimize a + b over U with sgd(lr = 0.1) }

// error: RL0103 3:16 index 3 into a dim of 3
// help: indices count from 0; negative ones from the end
// error: RL0103 4:69 indices up to 3 into a dim of 3
// help: the table needs one row for each index; or bring them there: `clip(i, 0, 2)` or `i % 3`
