// Values that repeat a number, diagonals, order, ranges; their derivatives; records in `stop`, `last`
// and `map`; `map` of several. Figures from tools/values.py.
data d from uniform(6, 1, split = 1.0) { x: f32[1] }
const v = concat(3.0, 1.0, 2.0, -4.0)
const w = concat(1.0, 10.0, 100.0, 1000.0)
const rows = reshape(concat(v, 2 * v, w), 3, 4)
const square = outer(v, w) + eye(4)

fn zero(x: f32[1]) -> f32 = 0 * sum(x)
// What depends on the example goes through the same functions.
fn at(x: f32[1]) -> f32[4] = v + zero(x)
fn both(x: f32[1]) -> (a: f32[4], b: f32) = (a = at(x), b = sum(at(x)^2))
fn noise(x: f32[1]) -> f32 {
  let u = uniform_noise()
  return (u - 0.5)^2 + 0 * normal_noise() + zero(x)
}

param u: f32[3, 2] = ones(3, 2)
param k: f32[2, 2] = full(0.25, 2, 2)

eval t on d.train batch 4 {
  report dot(sort(at(x)), w) as sorted
  report dot(grad((z) => dot(sort(z), w), at = at(x)), concat(1.0, 2.0, 3.0, 4.0)) as sort_grad
  report sum(sort(rows + zero(x), over = 0) * rows) as sort_columns
  report sum(map((z) => dot(sort(z), w), rows + zero(x))) as sort_in_map
  report dot(float(argsort(v * zero(x))), w) as equal_zeros
  report dot(float(argsort(-(v * zero(x)))), w) as equal_zeros_of_other_sign
  report dot(float(argsort(sqrt(at(x)))), w) as roots_in_order
  report dot(float(argsort(0 - sqrt(at(x)))), w) as roots_in_reverse
  report sum(zeros(2, 3)) + sum(ones(2, 3)) + sum(full(0.5, 4)) + zero(x) as filled
  report trace(square + zero(x)) as traced
  report sum(diag(at(x)) @ w) as diagonal
  report sum(diag(diag(at(x))) * w) as there_and_back
  report sum(grad((z) => trace(outer(z, w)), at = at(x))) as trace_grad
  report sum(outer(at(x), w) @ rows[0]) as outer_product
  report sum(clip(at(x), -1, 2)) as clipped
  report sum(grad((z) => sum(clip(z, -1, 2)^2), at = at(x))) as clip_grad
  report sum(float(causal_mask(4))) + zero(x) as mask
  report sum(where(causal_mask(4), outer(at(x), w), 0)) as masked
  report sum(map((a, b) => a * b, rows + zero(x), expand(w, over = 3))) as pairs
  report sum(map((a, b, c) => a[0] * b + c[1], rows, concat(1.0, 2.0, 3.0) + zero(x), rows)) as triples
  report sum(grad((z) => sum(map((a, b) => a * b^2, z, w)), at = at(x))) as map_grad
  report stop(both(x)).b + sum(stop(both(x)).a) as stopped
  report last(scan(s = (a = at(x), n = zero(x)), t in 0..3) { return (a = 2 * s.a, n = s.n + 1) }).n as turns
  report sum(last(scan(s = (a = at(x), n = zero(x)), t in 0..3) { return (a = 2 * s.a, n = s.n + 1) }).a) as doubled
  report sum(map((a) => (m = sum(a), q = a), rows + zero(x)).m) as record_of_map
  report sum(u) + sum(k) + zero(x) as weights
  report E[n ~ Normal(0, 1), samples = 4000](noise(x) + 0 * n) as variance_of_uniform
}

// np.sort([3, 1, 2, -4]) @ [1, 10, 100, 1000]
// fact: sorted = 3206
// ranks 3 1 2 0: 1000 + 2 * 10 + 3 * 100 + 4 * 1
// fact: sort_grad = 1324
// (np.sort(rows, 0) * rows).sum()
// fact: sort_columns = 1010216
// fact: sort_in_map = 1019719
// np.argsort([0, 0, 0, -0], kind="stable") @ w, and of the same with the other signs
// fact: equal_zeros = 3210
// fact: equal_zeros_of_other_sign = 3210
// np.argsort([1.73, 1, 1.41, nan]) @ w; np.argsort([-1.73, -1, -1.41, nan]) @ w
// fact: roots_in_order = 3021
// fact: roots_in_reverse = 3120
// fact: filled = 8
// v @ w + 4
// fact: traced = -3783
// fact: diagonal = -3787
// fact: there_and_back = -3787
// fact: trace_grad = 1111
// sum(v) * sum(w * v)
// fact: outer_product = -7574
// 2 + 1 + 2 - 1
// fact: clipped = 4
// beyond the ends and at them nothing passes: 2 * 1
// fact: clip_grad = 2
// fact: mask = 10
// np.tril(np.outer(v, w)).sum()
// fact: masked = -4208
// fact: pairs = 998740
// fact: triples = 31
// fact: map_grad = 1010101
// fact: stopped = 32
// fact: turns = 3
// fact: doubled = 16
// fact: record_of_map = 1117
// fact: weights = 7
// fact: variance_of_uniform > 0.081
// fact: variance_of_uniform < 0.086
