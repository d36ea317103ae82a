// A draw may be called like a field that the phase does not have, or that two data sets have: it needs
// no value. Where it is scored, the field of the phase is meant.
data few from iris() { x: f32[4], y: idx(3) }
data many from uniform(200, 4) { x: f32[4] }
const odds = concat(0.0, log(3.0), 0.0)
model q(y | x: f32[4]) { y: idx(3) ~ Categorical(logits = odds + 0 * sum(x)) }
model r(x | y: idx(3)) { x: f32[4] ~ Normal(float(y) * ones(4), 1) }
loss drawn = E[y ~ q(y | x = many.x)](float(y))
loss scored = -log q(y | x)
loss moment = E[x ~ r(x | y = 1), samples = 20](mean(x^2))
eval e on many.train batch 40 { report drawn, moment as m1, entropy(q(y | x)) as h }
eval f on few.train batch 40 { report -log q(y = 1 | x) as one, -log q(y = 0 | x) as zero, scored }

// fact: drawn = 1
// fact: m1 > 1.9
// fact: m1 < 2.1
// fact: h = 0.9502705392332347
// fact: one = 0.5108256237659907
// fact: zero = 1.6094379124341003
// fact: scored > 0.52
// fact: scored < 1.6
