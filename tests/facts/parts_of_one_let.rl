// A `let` of a record, a tuple or a distribution is evaluated once where it stands: its layers are called
// once for all parts, and later statements see its values, whatever the weights have become.
data d from uniform(8, 1, split = 1.0) { x: f32[1] }
module Counting()(x: f32[1]) -> f32 {
  state calls: f32 = zeros()
  calls <- calls + 1
  return calls + 0 * sum(x)
}
net f1(x: f32[1]) -> f32 = x |> Counting()
net f2(x: f32[1]) -> f32 = x |> Counting()
net f3(x: f32[1]) -> f32 = x |> Counting()
net f4(x: f32[1]) -> f32 = x |> Counting()
fn both(z) = (p = z, q = 2 * z)
param w: f32 = constant(1)
state o: f32[8] = zeros()
state r: f32[4] = zeros()

train t on d.train batch 4 steps 1 {
  let a = Normal(f1(x), 1)
  let b = both(f2(x))
  let (c, k, l) = (f3(x), 10 * f3(x), 1.0)
  let v = both(f4(x)).q
  o <- concat(batch_mean(mean(a)), batch_mean(b.p), batch_mean(b.q), batch_mean(c), batch_mean(k), l, batch_mean(v), batch_mean(mean(a)))
}
train u on d.train batch 4 steps 1 {
  let e = both(w + 0 * sum(x))
  let g = Normal(w + 0 * sum(x), 1)
  minimize w + 0 * sum(x) over w with sgd(lr = 0.5)
  r <- concat(batch_mean(e.p), batch_mean(e.q), batch_mean(mean(g)), w)
}
eval e on d.train batch 8 {
  report f1(x) as n1, f2(x) as n2, f3(x) as n3, f4(x) as n4
  report o[0] as of_dist, o[1] as p, o[2] as q, o[3] as c, o[4] as k, o[5] as l, o[6] as v, o[7] as of_dist_again
  report r[0] as kept_p, r[1] as kept_q, r[2] as kept_mean, r[3] as weight
}

// Rates 0.5, 2, 4.5, 8 in four steps: 3.75 on the mean, just below the bound.
state s: f32 = zeros()
bottleneck q(z | x: f32[1]) { z: f32 ~ Normal(s + 0 * sum(x), 1) }
prior p(z) { z: f32 ~ Normal(0, 1) }
train closing on d.train batch 2 steps 4 {
  s <- s + 1
  prune q below 3.8
}
eval closed on d.train batch 8 { report KL(q(z | x) || p(z)) as rate }

// fact: n1 == 1
// fact: n2 == 1
// fact: n3 == 1
// fact: n4 == 1
// fact: of_dist == 1
// fact: of_dist_again == 1
// fact: p == 1
// fact: q == 2
// fact: c == 1
// fact: k == 10
// fact: l == 1
// fact: v == 2
// fact: kept_p == 1
// fact: kept_q == 2
// fact: kept_mean == 1
// fact: weight == 0.5
// fact: rate == 0
