// Losses and densities that use the number of rows, above the densities that they use, own ones,
// imported ones, those of an instance and copies: the order of declarations does not matter.
use "parts/seven.rl" as m
data d from uniform(100, 3) { x: f32[3] }

const other = m(K = 2)
loss rows = B * sum(mean(p(z))) / B
loss imported = B * sum(mean(m.p(z))) / B
loss instance = B * sum(mean(other.p(z))) / B
loss copied = B * sum(mean(old(z | x = 0 * x))) / B
loss far = sum(batch(KL(q(z | x = 0 * x) || p(z)))) / B
loss named = 0 * sum(batch(x)) + rows
model above(y | x: f32[3]) { y: f32 ~ Normal(sum(batch(x)) * 0 + KL(q(z | x = 0 * x) || p(z)), 1) }
const old = copy(q)

bottleneck q(z | x: f32[3]) { z: f32[2] ~ Normal(sum(x) * ones(2), 1) }
prior c(z) { z: f32[2] ~ Normal(50, 1) }
prior p(z) { z: f32[2] ~ Normal(7, 1) }

eval e on d.train batch 7 {
  report rows, imported, instance, copied, far, named
  report mean(above(y | x)) as above, KL(q(z | x = 0 * x) || p(z)) as divergence
  report sum(mean(p(z))) as p, sum(mean(c(z))) as c, log p(z = 7 * ones(2)) as score
  report log m.p(z = 9 * ones(3)) as score_there, log other.p(z = 9 * ones(2)) as score_of_instance
}

// fact: rows == 14
// fact: imported == 27
// fact: instance == 18
// fact: copied == 0
// fact: far == 49
// fact: named == 14
// fact: above == 49
// fact: divergence == 49
// fact: p == 14
// fact: c == 100
// fact: score = -1.8378770664093453
// fact: score_there = -2.756815599614018
// fact: score_of_instance = -1.8378770664093453
