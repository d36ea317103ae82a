data a from uniform(10, 2) { x: f32, y: f32 }
data b from uniform(10, 1) { x: f32 }
model p(x | z: f32) { x: f32 ~ Normal(z, 1) }
model r(y | z: f32) { y: f32 ~ Normal(z, 1) }
eval e on (a.train, b.train) batch 5 { report -log p(x | z = 0.0) as v }
eval f on b.train batch 5 { report -log r(y | z = 0.0) as w }

// error: RL0102 5:54 two data sets have a field `x`
// help: write `a.x` or `b.x`
// error: RL0101 6:43 nothing is called `y`
// help: data fields are visible in losses and phases; pass the field as an argument
