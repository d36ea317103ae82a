// A draw leaves the range that its variable is declared with; the hint says how to bring it there.
data d from uniform(8, 4, split = 1.0) { x: f32[4] }
model grey(v | m: f32) { v: f32 in 0..1 ~ Normal(m, 1) }
encoder seen(h | v: f32 in 0..1) { h: f32 ~ Normal(2 * v, 1) }
fn f(v: f32 in 0..1) -> f32 = v
eval look on d.train batch 8 { report E[v ~ grey(v | m = 3)](mean(seen(h | v))) as back }
eval more on d.train batch 8 { report E[v ~ grey(v | m = 3)](f(v)) as given }

// error: RL0116 6:76 `v` takes `f32 in 0..1`, given `f32`
// help: bring it there: `clip(x, 0, 1)`; or declare both
// error: RL0106 7:64 argument `v` of `f` is `f32 in 0..1`, given `f32`
// help: bring it there: `clip(x, 0, 1)`; or declare both with the same type
