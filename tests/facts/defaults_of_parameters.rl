// Parameters of own distributions may have defaults, which may mention those before.
data d from uniform(64, 1) { x: f32 }
distribution Peak(loc: f32, dev: f32 = 0.5, wide: f32 = 2 * dev) on real {
  draw = loc
  logp = -(x - loc)^2 / dev + wide
  mean = loc + wide
  pathwise = true
}
model p(y | m: f32) { y: f32 ~ Peak(m) }
model q(y | m: f32) { y: f32 ~ Peak(m, 2.0) }
model r(y | m: f32) { y: f32 ~ Peak(m, wide = 7.0) }
model s(y | m: f32) { y: f32 ~ Peak(m, exp(m)) }
eval e on d.train batch 8 {
  report log p(y = 1.0 | m = 0.0) as both
  report log q(y = 1.0 | m = 0.0) as first
  report log r(y = 1.0 | m = 0.0) as second
  report log s(y = 1.0 | m = 0.0) as computed
  report mean(p(y | m = 3.0)) as mean_of_it
}

// fact: both = -1
// fact: first = 3.5
// fact: second = 5
// fact: computed = 1
// fact: mean_of_it = 4
