// Elements that are equal share the slope of the largest, however their formula is rewritten.
data d from uniform(64, 16, split = 1.0) { x: f32[16] }
param s: f32 = constant(1.3)
param b: f32[3] = constant(0.7)
eval look on d.train batch 64 {
  let rows = 0.1 * expand(x * s, over = 3) * expand(0.7 * x, over = 3)
  report grad((t) => sum(max(0.1 * expand(x * t, over = 3) * expand(0.7 * x, over = 3), over = 0)), at = s)
    - 0.07 * sum(x^2) as wide
  report grad((t) => sum(min(0.1 * expand(x * t, over = 3) * expand(0.7 * x, over = 3), over = 0)), at = s)
    - 0.07 * sum(x^2) as least
  report sum(max(rows, over = 0)) - sum(mean(rows, over = 0)) as value
}
eval more on d.train batch 64 {
  report grad((t) => max((3 * mean(expand(b * t, over = 4), over = 1))^3), at = s) as cube
  report grad((t) => max(((full(0.2, 4, 2) @ full(b[0] * t, 2)) * 41)^3), at = s) / 7670.7 as product
}

// fact: wide = 0
// fact: least = 0
// fact: value = 0
// 81 * 0.343 * 1.69
// fact: cube = 46.95327
// 3 * (0.4 * 0.7 * 41)^3 * 1.69 = 7670.7
// fact: product = 1
