data d { x: f32[2], y: f32, x: f32[2] }
net f(a: f32[2], b: f32[2], a: f32[2]) -> (u: f32[2], u: f32[2]) {
  let (c, c) = (a, b)
  return (u = c, u = b)
}
module M(n: int)(n: f32[2]) -> f32[2] = n
prior p(z, z | z: f32[2]) { z ~ Normal(0, 1) }
prior q(z | x: f32[2]) {
  z ~ Normal(x, 1)
  z ~ Normal(0, 1)
}
loss l = sum(map((a, a) => a, x, y)) + sum(scan(h = x, h in y) { return h }) + mean(x, over = 0, over = 1)

// error: RL0102 1:29 `x` is declared twice
// help: rename one of them
// error: RL0102 2:29 `a` is declared twice
// help: rename one of them
// error: RL0102 2:55 `u` is declared twice
// help: rename one of them
// error: RL0102 3:11 `c` is declared twice
// help: rename one of them
// error: RL0102 4:18 `u` is declared twice
// help: rename one of them
// error: RL0102 6:18 `n` is declared twice
// help: rename one of them
// error: RL0102 7:12 `z` is declared twice
// help: rename one of them
// error: RL0102 7:16 `z` is declared twice
// help: rename one of them
// error: RL0102 7:29 `z` is declared twice
// help: rename one of them
// error: RL0102 10:3 `z` is declared twice
// help: rename one of them
// error: RL0102 12:22 `a` is declared twice
// help: rename one of them
// error: RL0102 12:56 `h` is declared twice
// help: rename one of them
// error: RL0104 12:98 argument `over` is given twice
// help: keep one
