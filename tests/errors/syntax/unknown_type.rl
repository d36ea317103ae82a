net f(x: tensor[4]) -> float = x

// error: RL0014 1:10 `tensor` is not a type
// help: write `f32[D]`
