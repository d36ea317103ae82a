// The root of what is never negative has slope 0 where it is 0, carried and captured values of loops among it.
data d from uniform(4, 1, split = 1.0) { x: f32[1] }
param a: f32 = constant(0)
param v: f32[4] = constant(0)
eval look on d.train batch 4 {
  report grad((t) => last(scan(h = 0.0, i in 0..3) { return sqrt(h^2 + t^2) }), at = a) as captured
  report jvp((t) => last(scan(h = 0.0, i in 0..3) { return sqrt(h^2 + t^2) }), at = a, with = 1.0) as by_jvp
  report grad((t) => sqrt(last(scan(h = 0.0, x in t) { return h + x^2 })), at = v)[0] as by_scan
  report grad((t) => sum(sqrt(cumsum(t^2))), at = v)[0] as running
  report grad((t) => sum(sqrt(t^2 @ ones(4, 2))), at = v)[0] as product
  report grad((t) => sum(sqrt(avg_pool(reshape(t^2, 1, 2, 2)))), at = v)[0] as pooled
  report grad((t) => sum(sqrt(max_pool(reshape(t^2, 1, 2, 2)))), at = v)[0] as maxpooled
}

// fact: captured == 0
// fact: by_jvp == 0
// fact: by_scan == 0
// fact: running == 0
// fact: product == 0
// fact: pooled == 0
// fact: maxpooled == 0
