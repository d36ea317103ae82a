// What a call decides is no mistake of a function that nothing calls.
data a from uniform(40, 4, split = 1.0) { x: f32[4] }
data b from uniform(40, 4, split = 1.0) { x: f32[4] }
loss square = sum(x^2)
fn mine() = normal(0, sqrt(1 / fan_in()))
fn halves_of(v: f32[4]) -> f32[2, B / 2, 4] = reshape(batch(v), 2, B / 2, 4)
fn far(v: f32[4]) -> f32 = batch(v)[150, 0]
fn rest(v: f32[8, 4]) -> f32 = sum(v - batch(v[0]))
fn half(v: f32[4]) -> f32 = square / 2 + sum(v)
fn named(v: f32[4]) -> f32[4] = if training() then v else nope
fn wide(v: f32[4], k: f32[4] = zeros(6)) -> f32 = sum(v)
fn twice(w: f32[n], v: f32[2 * n]) -> f32 = nopes(w)
eval small on a.train batch 5 { report square }

// error: RL0101 10:59 nothing is called `nope`
// help: did you mean `norm`?
// error: RL0103 11:32 argument `k`
// help: make the dims agree
// error: RL0101 12:45 nothing is called `nopes`
// help: did you mean `ones`?
