data d { a: count in 0..3, b: count[2] }
config n: int = 3
fn twice(k: count) = 2 * k
loss l = twice(-1) + twice(2.5) + twice(n)

// error: RL0124 1:13 this type takes no range
// help: `count` all whole numbers from 0 on
// error: RL0107 4:16 argument `k` of `twice` is -1, and must be a whole number from 0 on
// help: give a whole number: `3`
// error: RL0107 4:28 argument `k` of `twice` is 2.5, and must be a whole number from 0 on
