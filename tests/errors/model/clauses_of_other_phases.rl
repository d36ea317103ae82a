data d from uniform(10, 1) { x: f32[1] }
eval e on d.train epochs 2 { report mean(x) }
eval f on d.train count 3 { report mean(x) }
sample g on d.train batch 3 count 2 { emit x }
train t on d.train batch 3 epochs 1 steps 4 { minimize 0 * mean(x) over w with sgd(lr = 0.1) }
fn after(y: f32) -> f32 { let a = y return a let b = a }

// error: RL0120 2:26 `epochs` has no meaning in a phase of this kind
// help: other phases go over a split once
// error: RL0120 3:25 `count` has no meaning in a phase of this kind
// help: write `batch`: so many rows at a time
// error: RL0120 4:8 the phase says twice how much it draws
// help: leave `batch` out: `count` says it
// error: RL0120 5:7 the phase says twice how long it is
// help: leave one of `epochs` and `steps` out
// error: RL0120 6:46 nothing after `return` is read
// help: put it before `return`, or remove it
