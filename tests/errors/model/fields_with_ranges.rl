data d from uniform(10, 3) { s: idx(3) in 0..1, t: f32 }
data e from uniform(10, 3) { u: bit in 0..1, t: f32 }
data f from uniform(10, 3) { v: int in 0..1, t: f32 }

// error: RL0124 1:33 this type takes no range
// help: `idx(n)` has the values 0 to n - 1, `bit` 0 and 1, `count` all whole numbers from 0 on; reals between two are `f32 in 0..1`
// error: RL0124 2:33 this type takes no range
// help: `idx(n)` has the values 0 to n - 1, `bit` 0 and 1, `count` all whole numbers from 0 on; reals between two are `f32 in 0..1`
// error: RL0124 3:33 a field of whole numbers, `v`, takes no range
// help: whole numbers from 0 to n - 1 are `idx(n)`
