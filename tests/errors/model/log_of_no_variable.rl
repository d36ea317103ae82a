data d from uniform(10, 1) { x: f32[1] }
prior p(z) { z: f32 ~ Normal(0, 1) }
model q(z | x: f32[1]) { z: f32 ~ Normal(x[0], 1) }
eval e on d.train batch 5 { report log p() as r, log q( | x) as s, log p(1.0) as t }

// error: RL0117 4:36 `log p` does not say at which `z`
// help: write `log p(z)`
// error: RL0117 4:50 `log q` does not say at which `z`
// help: write `log q(z | x)`
// error: RL0114 4:72 `p` is not told which variable a value is for
// help: name it: `p(x = 1.0)`
