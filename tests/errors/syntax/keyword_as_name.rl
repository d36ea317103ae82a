const let = 1
net train(x: f32) -> f32 = x

// error: RL0015 1:7 `let` is a keyword and cannot be a name
// help: choose another name, such as `let_`
// error: RL0015 2:5 `train` is a keyword and cannot be a name
// help: choose another name, such as `train_`
