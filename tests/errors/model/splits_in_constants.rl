data d from uniform(10, 2, split = 0.5) { x: f32[2] }
const a = d.valid.x
const b = d.train.y
const c = d.rain.x
loss l = sum(d.train.x)
eval e on d.train { report sum(a) + sum(b) + sum(c) as f, l }
const t = d.train
eval f on d.train { report sum(t.x) as f }

// error: RL0127 2:19 `d` has no rows in `valid`
// help: it has `train` with 5 rows, `test` with 5 rows; `split = (0.8, 0.1, 0.1)` makes three
// error: RL0127 3:19 `d` has no field `y`
// help: its fields are x
// error: RL0127 4:13 `d` has no field `rain`
// help: its fields are x, its splits train, valid, test
// error: RL0127 5:16 `d` has no field `train`
// help: a split is said at the head of a phase, `on d.train`; `const rows = d.train.x` is all of it
// error: RL0127 8:34 `d.train` is a split, whose rows a phase reads
// help: hold them in a constant: `const rows = d.train.x`
