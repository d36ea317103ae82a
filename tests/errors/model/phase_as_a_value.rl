data a from uniform(11, 1, split = 1.0) { x: f32 }
eval e on a.train batch 4 { report x^2 as r }
eval g on a.train batch 4 { report e as s }

// error: RL0105 3:36 `e` is a phase
// help: phases run by themselves, in the order of the file
