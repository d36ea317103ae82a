// Distributions that a file declares: trained, drawn, scored, in closed form where the file has one.
// A family of its own shadows one of the library and takes none of its closed forms.
distribution Halved(loc: f32) on real {
  draw = loc + 0.5 * normal_noise()
  logp = -2 * (x - loc)^2 - 0.5 * log(0.5 * pi)
  mean = loc
  variance = 0.25
  entropy = 0.5 * log(0.5 * pi) + 0.5
  pathwise = true
}
divergence KL(q: Halved, p: Halved) = 2 * (q.loc - p.loc)^2
distribution Normal(scale: f32) on real {
  draw = scale * normal_noise()
  logp = -0.5 * (x / scale)^2 - log(scale) - 0.5 * log(2 * pi)
  pathwise = true
}
// The number of failures before a success, up to 20: the largest has what is left.
distribution Geometric(p: f32) on index {
  draw = int(clip(floor(log(uniform_noise()) / log1p(-p)), 0, 19))
  logp = float(x) * log1p(-p) + where(x == 19, 0, log(p))
}
distribution Coin(p: f32) on bit {
  draw = float(uniform_noise() < p)
  logp = x * log(p) + (1 - x) * log(1 - p)
}

data d from uniform(400, 1, split = 1.0) { x: f32[1] }
param w: f32[4] = constant(0.5)
param m: f32 = zeros()
param odds: f32 = zeros()
model p(x) { x: f32[1] ~ Halved(m) }
model q(z | x: f32[1]) { z: f32[4] ~ Halved(w) }
model prior(z) { z: f32[4] ~ Halved(0) }
model wide(s) { s: f32[4] ~ Normal(2) }
model narrow(s) { s: f32[4] ~ Normal(1) }
model count(k) { k: idx(20) ~ Geometric(0.25) }
model coin(c) { c: bit ~ Coin(sigmoid(odds)) }
fn half(x: f32[1]) -> f32 = 0.5 + 0 * sum(x)

loss nll = -log p(x)
// Summed out exactly: at the end 2 s (1 - s) = 0.2 odds, where s is the chance of heads.
loss value = -E[c ~ coin(c)](2 * c) + 0.1 * odds^2

train fit on d.train batch 400 steps 400 { minimize nll over m with sgd(lr = 0.05) }
train toss on d.train batch 100 steps 300 { minimize value over odds with sgd(lr = 0.5) }
eval t on d.train batch 100 {
  report m - x[0] as shift
  report KL(q(z | x) || prior(z)) as closed
  report KL(wide(s) || narrow(s)) as estimated
  report E[z ~ q(z | x), samples = 2000](sum(z)) as drawn
  report sum(mean(q(z | x))) + half(x) - 0.5 as means
  report entropy(q(z | x)) as entropies
  report E[s ~ wide(s), samples = 2000](mean(s^2)) as spread_of_draws
  report E[k ~ count(k)](float(k)) as failures
  report E[k ~ count(k)](1.0) as whole
  report sum(map((a) => E[z: f32 ~ Halved(a)](z), x + 0 * x)) - sum(x) as in_map
  report abs(2 * sigmoid(odds) * (1 - sigmoid(odds)) - 0.2 * odds) as slope
}

// fact: shift > -1e-4
// fact: shift < 1e-4
// fact: closed = 2
// 4 * (2 - log 2 - 1 / 2), estimated with 400 draws
// fact: estimated > 2.8
// fact: estimated < 4.9
// fact: drawn > 1.99
// fact: drawn < 2.01
// fact: means = 2
// fact: entropies = 2.903165
// fact: spread_of_draws > 3.9
// fact: spread_of_draws < 4.1
// sum(k 0.25 0.75^k, k < 19) + 19 * 0.75^19
// fact: failures = 2.987315
// fact: whole = 1
// fact: in_map > -0.1
// fact: in_map < 0.1
// fact: slope < 1e-3
