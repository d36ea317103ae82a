data d { x: f32[2] }
net f(z: f32[2]) -> f32[2] {
  param m: f32 = zeros()
  state m: f32 = ones()
  return z + m
}
prior p(z) { param c: f32 = ones() z: f32 ~ Normal(c, 1) }
model p(y | z: f32) { param c: f32 = constant(5.0) y: f32 ~ Normal(c + z, 1) }
loss l = sum(f(x))
loss k = mean(p(y | z = 0.0))

// error: RL0102 8:29 `c` is declared twice
// also: 7:20 first here
// help: rename one of them
// error: RL0102 4:9 `m` is declared twice
// also: 3:9 first here
// help: rename one of them
