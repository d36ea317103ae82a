// The rate of a bottleneck is that to its prior: not to another density over a variable of that name,
// wherever it stands; of several priors to the one that an objective pairs it with.
data d from uniform(100, 1) { x: f32[1] }
model r(z) { z: f32 ~ Normal(10, 1) }
prior p(z) { z: f32 ~ Normal(0, 1) }
bottleneck q(z | x: f32[1]) { z: f32 ~ Normal(0 * sum(x) + 3, 1) }
bottleneck qa(u | x: f32[1]) { u: f32 ~ Normal(0 * sum(x) + 3, 1) }
prior pa(u) { u: f32 ~ Normal(1, 1) }
bottleneck qb(u | x: f32[1]) { u: f32 ~ Normal(0 * sum(x) + 3, 1) }
prior pb(u) { u: f32 ~ Normal(4, 1) }
bottleneck c(v | x: f32[1]) { v: bit ~ Bernoulli(probs = 0 * sum(x) + 0.5) }
prior n(v) { v: f32 ~ Normal(0, 1) }
prior b(v) { v: bit ~ Bernoulli(probs = 0.25) }

eval e on d.train batch 7 {
  report KL(q(z | x) || r(z)) as other, KL(qa(u | x) || pa(u)) as first, KL(qb(u | x) || pb(u)) as second
  report KL(c(v | x) || b(v)) as coin
}

// fact: other == 24.5
// fact: q.rate == 4.5
// fact: qa.rate == 2
// fact: qb.rate == 0.5
// fact: c.rate = 0.14384103622589042
