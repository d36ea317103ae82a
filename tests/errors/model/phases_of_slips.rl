data d from uniform(10, 1) { x: f32[1] }
param w: f32 = 1
state s: f32 = 0
train t on d.train batch 5 epochs 1 { s = s + 1 minimize w^2 over w with sgd(lr = 0.1) }
train u on d.train batch 5 epochs 1 { let w = w + 1 s <- 1 }
eval e on d { report mean(x) }
eval f on d.train.test { report mean(x) }

// error: RL0120 4:39 `name = ...` has no meaning in a phase of kind `train`
// help: `let a = ...` names a value, `a <- ...` writes a weight or a state
// error: RL0102 5:43 `w` is a weight or a state of this file
// help: `w <- ...` writes it; else take another name
// error: RL0126 6:11 `d` is a data set of several splits
// help: name one: `d.train`, `d.valid` or `d.test`
// error: RL0126 7:19 a split has no part `test`
// help: splits are train, valid and test
