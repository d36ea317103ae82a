// What a layer writes with `<-` is written once for each train step that computes the layer, whatever
// way the net is reached and whatever part of its value is used; never in evaluation.
data d from uniform(11, 1, split = 1.0) { s: f32 }

module Last()(z: f32) -> f32 {
  state m: f32 = zeros()
  m <- batch_mean(z)
  return z + m
}
module Two()(z: f32) { state seen: f32 = zeros() seen <- seen + 1 return (a = z, b = z + seen) }
module Tup()(z: f32) { state seen: f32 = zeros() seen <- seen + 1 return (z, (z, z + seen)) }
module Curried()(z: f32) { state seen: f32 = zeros() seen <- seen + 1 return (q) => q + z + seen }
module Drawn()(z: f32) { state seen: f32 = zeros() seen <- seen + 1 return Normal(z + seen, 1) }

// What a net counted, read by the net itself.
module Reader()(z: f32) -> f32 {
  state seen: f32 = zeros()
  seen <- seen + 1
  return z + seen
}
net scored(s: f32) -> f32 = s |> Reader()
net averaged(s: f32) -> f32 = s |> Reader()
net diverged(s: f32) -> f32 = s |> Reader()
net meant(s: f32) -> f32 = s |> Reader()
net bounded(s: f32) -> f32 = s |> Reader()
net mapped(s: f32) -> f32 = s |> Reader()
net looped(s: f32) -> f32 = s |> Reader()
net unused(s: f32) -> f32 = s |> Reader()
model q1(v | s: f32) { v: f32 ~ Normal(scored(s), 1) }
model q2(v | s: f32) { v: f32 ~ Normal(averaged(s), 1) }
model q3(v | s: f32) { v: f32 ~ Normal(diverged(s), 1) }
model q4(v | s: f32) { v: f32 ~ Normal(meant(s), 1) }
bottleneck q5(z | s: f32) { z: f32 ~ Normal(bounded(s), 1) }
model inline(v | s: f32) { let u = s |> Reader()  v: f32 ~ Normal(u, 1) }
prior p(z) { z: f32 ~ Normal(0, 1) }
decoder p(s | z: f32) { s: f32 ~ Normal(z, 1) }

net one(z: f32) = z |> Two()
net two(z: f32) = z |> Two()
net tup(z: f32) = z |> Tup()
net cur(z: f32) = z |> Curried()
net dist(z: f32) = z |> Drawn()
fn last_of(p) { let (a, b) = p let (c, e) = b return e }

net f(z: f32) -> f32 = z |> Last()
net g(z: f32) -> f32 = z |> Last()
net h(z: f32) -> f32 = z |> Last()
net k(z: f32) -> f32 = z |> Last()
net l(z: f32) -> f32 = z |> Last()
loss first = k(s)
loss second = k(3 * s)
loss third = l(s)
loss fourth = l(3 * s)
fn swapped(a, b) { let later = h(b) let earlier = h(a) return later - earlier }

param w: f32 = ones()
train t on d.train batch 4 steps 3 {
  minimize w * (-log q1(v = 0.0 | s) - log inline(v = 0.0 | s)) over w with sgd(lr = 0)
  minimize w * E[v ~ q2(v | s)](v) over w with sgd(lr = 0)
  minimize w * KL(q3(v | s) || Normal(0, 1)) over w with sgd(lr = 0)
  minimize w * mean(q4(v | s)) over w with sgd(lr = 0)
  minimize -w * elbo(p, q5) over w with sgd(lr = 0)
  minimize w * sum(map((r) => mapped(r), batch(s))) over w with sgd(lr = 0)
  minimize w * (one(s).a + two(s).b + last_of(tup(s)) + cur(s)(1.0)) over w with sgd(lr = 0)
  minimize w * E[v ~ dist(s)](v) over w with sgd(lr = 0)
  let c = cur(s)
  minimize w * last(scan(a = 0.0, t in 0..5) { return 0.5 * a + c(a) }) over w with sgd(lr = 0)
}
train order on d.train batch 11 steps 1 {
  minimize w * (f(s) + f(3 * s) + f(s)) over w with sgd(lr = 0)
  minimize w * (g(s) + g(3 * s)) over w with sgd(lr = 0)
  minimize w * swapped(s, 3 * s) over w with sgd(lr = 0)
  minimize w * first over w with sgd(lr = 0)
  minimize w * (second + first) over w with sgd(lr = 0)
  minimize w * fourth over w with sgd(lr = 0)
  minimize w * (third + fourth) over w with sgd(lr = 0)
}
eval e on d.train batch 4 {
  report scored(s) - s as by_score, averaged(s) - s as by_average, diverged(s) - s as by_divergence
  report meant(s) - s as by_mean, bounded(s) - s as by_bound, mapped(s) - s as by_map
  report mean(inline(v | s)) - s as written_inline, unused(s) - s as never
  report one(s).b - s as of_first, two(s).b - s as of_second, last_of(tup(s)) - s as of_tuple
  report cur(s)(0.0) - s as of_function, mean(dist(s)) - s as of_distribution
}
// Of several calls in one statement the last one counts, as the text reads.
eval o on d.train batch 11 {
  let seen = batch_mean(s)
  report f(s) - s - seen as repeated, g(s) - s - 3 * seen as second_call
  report h(s) - s - seen as by_lets, k(s) - s - seen as by_losses, l(s) - s - 3 * seen as by_others
}

// fact: by_score = 3
// fact: by_average = 3
// fact: by_divergence = 3
// fact: by_mean = 3
// fact: by_bound = 3
// fact: by_map = 3
// fact: written_inline = 3
// fact: never = 0
// fact: of_first = 3
// fact: of_second = 3
// fact: of_tuple = 3
// two statements a step
// fact: of_function = 6
// fact: of_distribution = 3
// fact: repeated = 0
// fact: second_call = 0
// fact: by_lets = 0
// fact: by_losses = 0
// fact: by_others = 0
