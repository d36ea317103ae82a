data d { s: f32 }
fn f(p: (mu: f32, sd: f32)) -> f32 = p.mu
loss a = f((mu = s, sd = 1.0, extra = 2.0))
loss b = f((s, 1.0, 2.0))
loss c = s > 0.5
fn KL(a: f32) -> f32 = 3 * a

// error: RL0102 6:4 `KL` is the divergence
// help: choose another name
// error: RL0106 3:12 the record has a member `extra` that the type does not have
// help: drop it, or declare it; the type has mu, sd
// error: RL0106 4:12 3 values are given for a record of 2
// help: give one value for each member
// error: RL0113 5:10 loss `c` is `bool`
// help: make it a real: `float(...)`
