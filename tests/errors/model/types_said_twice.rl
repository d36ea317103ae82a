data d from uniform(10, 2) { x: f32, s: f32 }
const four: bit = 4.0
const index: idx(3) = 3
prior p(z) { z: f32 ~ Normal(0, 1) }
model m(y: f32[3] | s) { y: f32 ~ Normal(s, 1) }
model n(y | s) { let a: bit = s  y: f32 ~ Normal(a, 1) }
fn f() -> f32 { let z: bit ~ p(z) return z }
eval e on d.train batch 5 {
  let v: f32[3] = s
  report E[z: f32[3] ~ p(z)](sum(z)) as c, f() as g, -log n(y = 0.0 | s) as h, mean(m(y | s)) as i
  report four * s as k, index as l
}
sample g count 3 { z: bit ~ p(z) emit z }

// error: RL0107 2:19 `four` is 4, and must be in 0..1
// help: give a number from 0 to 1
// error: RL0107 3:23 `index` is 3, and must be in 0..2
// help: give a number from 0 to 2
// error: RL0106 5:12 `y` is `f32[3]`, given `f32`
// help: declare it as `f32`, or leave the type out
// error: RL0106 6:31 `a` is `bit`, given `f32`
// help: declare both with the same type, for instance `f32`
// error: RL0103 9:19 `v` is `f32[3]`, given `f32`
// help: repeat a scalar over dims with `expand(value, over = D)`
// error: RL0106 10:24 `z` is `f32[3]`, given `f32`
// help: declare it as `f32`, or leave the type out
// error: RL0106 7:30 `z` is `bit`, given `f32`
// help: declare it as `f32`, or leave the type out
// error: RL0106 13:29 `z` is `bit`, given `f32`
// help: declare it as `f32`, or leave the type out
