def f(x):
  return x

loss a = b

// error: RL0014 1:1 `def` opens no declaration
// help: write `fn name(x: f32[D]) -> f32 = ...`, or `net` if it has weights
