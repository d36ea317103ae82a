// Rows that a `map` looks up, in tables of its own or of each example, by indices of the other, of both or of
// another `map`: they are those that one-hot vectors pick. So are their slopes.
data d from uniform(8, 20, split = 0.5) { x: f32[20] in 0..1 }
state tables: f32[4, 3, 2] = normal(0, 1)
param p: f32[4, 3] = normal(0, 1)
const w = iota(2) + 1

fn first(x: f32[20]) = int(clip(floor(x[0:4] * 3), 0, 2))
fn second(x: f32[20]) = int(clip(floor(x[4:8] * 3), 0, 2))
fn own(x: f32[20]) = reshape(x[8:20], 4, 3)
fn cubes(q: f32[4, 3], k: idx(3)[4]) = sum(map((t, k) => t[k]^3, q, k))
fn cubes_by_hand(q: f32[4, 3], k: idx(3)[4]) = sum(map((t, k) => dot(one_hot(k, 3), t)^3, q, k))
fn apart(a: f32, b: f32) -> f32 = abs(a - b)

eval e on d.test batch 4 {
  let k = first(x)
  let l = second(x)
  let by_hand = map((t, k) => dot(one_hot(k, 3) @ t, w), tables, k)
  report mean(by_hand^2) as size
  report apart(sum(map((t, k) => dot(t[k], w), tables, k)), sum(by_hand)) as indices_of_rows
  report apart(
      sum(map((t) => sum(map((k) => dot(t[k], w)^2, k)), tables)),
      sum(map((t) => sum(map((k) => dot(one_hot(k, 3) @ t, w)^2, k)), tables))
    ) as crossed
  report apart(
      sum(map((k) => own(x)[0][k]^2, k)),
      sum(map((k) => dot(one_hot(k, 3), own(x)[0])^2, k))
    ) as tables_of_rows
  report apart(
      sum(map((t, k) => t[k] * float(k + 1), own(x), k)),
      sum(map((t, k) => dot(one_hot(k, 3), t) * float(k + 1), own(x), k))
    ) as both
  report apart(
      sum(map((t, k) => sum(map((l) => t[l] * t[k], l)), own(x), k)),
      sum(map(
        (t, k) => sum(map((l) => dot(one_hot(l, 3), t) * dot(one_hot(k, 3), t), l)),
        own(x),
        k
      ))
    ) as nested
  report apart(
      sum(map((t) => t[k] * t[l], own(x))),
      sum(map((t) => (one_hot(k, 3) @ t) * (one_hot(l, 3) @ t), own(x)))
    ) as vectors
  report sum(abs(
      grad((q) => cubes(q, k), at = p) - grad((q) => cubes_by_hand(q, k), at = p)
    )) as slopes
}
// fact: size > 0.1
// fact: indices_of_rows < 1e-4
// fact: crossed < 1e-4
// fact: tables_of_rows < 1e-4
// fact: both < 1e-4
// fact: nested < 1e-4
// fact: vectors < 1e-4
// fact: slopes < 1e-4
