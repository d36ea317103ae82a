// What nothing calls is read as well; what only a call knows is left open.
dim D = 8
data d from one_hot(n = 8) { x: f32[D], y: idx(8) }
net g(x: f32[8]) -> f32[8] = x |> Linaer(8)
net h(x: f32[8]) -> f32[3] = x |> Linear(D)
module R(k: int)(x: f32[8]) -> f32[7] = x |> Linear(8)
fn s(x) = x + nope
fn two(v: f32[n]) -> f32[n] = v * zeros(n) + twoo(v)
module Block(k: int)(v: f32[D]) -> f32[k] = v |> nop |> Linear(k)
net sound(v: f32[D]) -> f32[2] {
  let k = v |> dropout(0.5) |> BatchNorm() |> Linear(2)
  return k * progress()
}
fn twice(f, v: f32[n]) = f(f(v)) + zeros(n) + iota(n) * zeros(2 * n)[0]
fn powers(k: int, v: f32[D]) -> f32[D] = if k == 0 then ones(D) else v * powers(k - 1, v)
fn picked(i: idx(n), table: f32[n, D]) -> f32[D] = table[i]
fn rowwise(v: f32[B, D]) -> f32[B] = sum(v, over = 1) / float(B)
net ring(v: f32[D]) -> f32[D] {
  state seen: f32[D] = zeros()
  seen <- 0.9 * seen + 0.1 * batch_mean(v)
  return v - seen
}
eval e on d.test { report sum(x) as k }

// error: RL0101 4:35 nothing is called `Linaer`
// help: did you mean `Linear`?
// error: RL0103 5:30 the result
// error: RL0103 6:41 the result
// error: RL0101 7:15 nothing is called `nope`
// error: RL0101 8:46 nothing is called `twoo`
// error: RL0101 9:50 nothing is called `nop`
