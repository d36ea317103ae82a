// Weights and states may start at figures of densities: what is drawn, scored and summed out in an initial
// value has its value there.
data d from uniform(8, 4, split = 1.0) { x: f32[4] }
prior g(z) { z: f32[3] ~ Normal(0, 1) }
bottleneck q(z) { z: f32[3] ~ Normal(1, 0.5) }
prior r(u) { u: bit ~ Bernoulli(0.25) }
decoder g(y | z: f32[3]) { y: f32 ~ Normal(sum(z), 2) }
fn chance() = E[u ~ r(u)](float(u))
net counts(x: f32[4]) {
  state start: f32 = batch_mean(chance())
  return start + 0 * sum(x)
}

state rate: f32 = batch_mean(KL(q(z) || g(z)))
param scored: f32 = batch_mean(log g(z = zeros(3)))
state given: f32 = batch_mean(log g(y = 1 | z = zeros(3)))
state summed: f32 = batch_mean(E[u ~ r(u)](8 * float(u)))
state middle: f32[3] = batch_mean(mean(q(z)))
state likely: f32 = batch_mean(E[u ~ r(u)](log g(y = float(u) | z = zeros(3))))
state drawn: f32 = batch_mean(E[z ~ q(z), samples = 2](sum(where(z > -9, 1, 0))))

eval e on d.train batch 8 {
  report rate, scored, given, summed, max(middle) as middle, likely, drawn, counts(x) as counted
}

// fact: rate = 2.454441541679836
// fact: scored = -2.756815599614018
// fact: given = -1.737085713764618
// fact: summed == 2
// fact: middle == 1
// fact: likely = -1.643335713764618
// fact: drawn == 3
// fact: counted == 0.25
