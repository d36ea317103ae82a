data d from uci_digits() { x: f32[64] in 0..1 }
loss a { let h = sum(x) }
loss b { let h = x  return h }
eval t on d.test { report a, b }

// error: RL0106 2:10 the function ends without `return`
// help: end it with `return value`
// error: RL0113 3:21 loss `b` is `f32[64] in 0..1`, and must be one number per example
// help: reduce it with `sum(...)` or `mean(...)`
