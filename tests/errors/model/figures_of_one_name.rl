data d from uci_digits() { x: f32[64] in 0..1 }
eval t on d.test { report sum(x) as a, mean(x) as a }
sample s on d.test count 4 { emit x as image, 1 - x as image }

// error: RL0102 2:40 two values of this phase are called `a`
// help: name them: `report e as first`
// error: RL0102 3:47 two values of this phase are called `s`
// help: name them: `emit e as first`
