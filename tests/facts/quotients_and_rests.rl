// A number divided by itself is 1, and what is left of a division lies below the divisor.
data d from uniform(82, 41, split = 1.0) { x: f32[41] }
param a: f32 = constant(41)
param h: f32 = constant(100)
param g: f32 = constant(3e38)
param t: f32 = constant(1e10)
param v: f32[41] = constant(1)
param q: f32[4] = constant(0.3)
eval look on d.train batch 41 {
  report a / 41 - 1 as zero, floor(a / 41) as one, a % 41 as rest, float(int(a / 41)) as whole
  report sum(floor(iota(200) / 41)) as rows, sum(iota(200) % 41) as rests, sum(float(iota(200) / 41 == 1)) as hits
  report floor(expand(a, over = 16) / a)[3] as repeated
  report float(mean(v) == 1) as mean_of_ones, floor(batch_mean(float(x[0] > -1))) as all_rows
  report 1000 * (h % 0.1) as tenth, t % 3 as third, float(g % 3 < 3) as far, float(g % 3 >= 0) as not_below
  report 1000 * (-t % 7) as seventh, -(t % -7) as negative, float((0 * t - 1e-10) % 3 < 3) as just_below
  report grad((x) => x % 7, at = t) as by_left, grad((x) => 23 % x, at = h / 10) as by_right
  report sqrt(mean(q^2) - mean(q)^2) as deviation
  report one_hot(3, 10)[3] as hot, pick(concat(a, h, g), 1) as picked, cross_entropy(concat(0.0, 0.0) + 0 * a, 1) as guess
  report float(int(g)) / 2147483648 as largest
}

// fact: zero == 0
// fact: one == 1
// fact: rest == 0
// fact: whole == 1
// fact: rows == 390
// fact: rests == 3910
// fact: hits == 1
// fact: repeated == 1
// fact: mean_of_ones == 1
// fact: all_rows == 1
// 0.1 is rounded: what is left of 100 is nearly 0.1, or nothing
// fact: tenth > -0.001
// fact: tenth < 100.001
// fact: third = 1
// 10^10 = 7 * 1428571428 + 4
// fact: seventh == 3000
// fact: negative == 3
// fact: just_below == 1
// fact: by_left == 1
// 23 = 2 * 10 + 3
// fact: by_right == -2
// fact: far == 1
// fact: not_below == 1
// fact: deviation == 0
// fact: hot == 1
// fact: picked == 100
// fact: guess = 0.69314718
// fact: largest = 1
