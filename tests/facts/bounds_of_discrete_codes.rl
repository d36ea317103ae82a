// The importance-weighted bound of a posterior that no differentiable path leads to: its gradient is of
// all k draws together. Values and slopes by the sum over all draws, x = 1, u = 0.9, b = -0.4.
data d from uniform(40000, 1, split = 1.0) { x: f32[1] }
param u2: f32 = constant(0.9)
param b2: f32 = constant(-0.4)
param u3: f32 = constant(0.9)
param b3: f32 = constant(-0.4)
param u1: f32 = constant(0.9)
param b1: f32 = constant(-0.4)

fn one(x: f32[1]) -> f32[1] = 1 + 0 * x
prior p2(c) { c: bit[2] ~ Bernoulli(logits = b2 * ones(2)) }
model p2(x | c: bit[2]) { x: f32[1] ~ Normal(sum(c) * ones(1), 1) }
model q2(c | x: f32[1]) { c: bit[2] ~ Bernoulli(logits = u2 * ones(2) + 0 * sum(x)) }
prior p3(c) { c: bit[2] ~ Bernoulli(logits = b3 * ones(2)) }
model p3(x | c: bit[2]) { x: f32[1] ~ Normal(sum(c) * ones(1), 1) }
model q3(c | x: f32[1]) { c: bit[2] ~ Bernoulli(logits = u3 * ones(2) + 0 * sum(x)) }
prior p1(c) { c: bit ~ Bernoulli(logits = b1) }
model p1(x | c: bit) { x: f32[1] ~ Normal(c * ones(1), 1) }
model q1(c | x: f32[1]) { c: bit ~ Bernoulli(logits = u1 + 0 * sum(x)) }

fn two(x: f32[1]) -> f32 = iwae(p2, q2, k = 2)
fn three(x: f32[1]) -> f32 = iwae(p3, q3, k = 3)
fn coin(x: f32[1]) -> f32 = iwae(p1, q1, k = 3)

eval values on d.train batch 40000 { report two(one(x)) as two, three(one(x)) as three, coin(one(x)) as coin }
train t on d.train batch 40000 steps 1 {
  maximize two(one(x)) over (u2, b2) with sgd(lr = 1)
  maximize three(one(x)) over (u3, b3) with sgd(lr = 1)
  maximize coin(one(x)) over (u1, b1) with sgd(lr = 1)
}
// What is computed in a density from its only coin is no coin: E (3 k + 1)^2 = 1 + 15 p.
model made(y) {
  k: bit ~ Bernoulli(logits = 0.4)
  y: f32 = 3 * k + 1
}
model chosen(y) {
  k: idx(3) ~ Categorical(logits = zeros(3))
  y: f32 = 3 * float(k) + 1
}
eval moved on d.train batch 40000 {
  report u2 - 0.9 as u_two, b2 + 0.4 as b_two, u3 - 0.9 as u_three, b3 + 0.4 as b_three, u1 - 0.9 as u_coin, b1 + 0.4 as b_coin
  report E[y ~ made(y)](y^2) + 0 * sum(x) as square
  report E[y ~ chosen(y)](y) + 0 * sum(x) as chosen
}

// fact: two > -1.4035
// fact: two < -1.3835
// fact: three > -1.3275
// fact: three < -1.2875
// fact: coin > -1.2249
// fact: coin < -1.2049
// fact: u_two > -0.47124
// fact: u_two < -0.37124
// fact: b_two > 0.36464
// fact: b_two < 0.40464
// fact: u_three > -0.35893
// fact: u_three < -0.23893
// fact: b_three > 0.25384
// fact: b_three < 0.29384
// fact: u_coin > -0.11025
// fact: u_coin < -0.03025
// fact: b_coin > 0.18318
// fact: b_coin < 0.21318
// fact: square > 9.83
// fact: square < 10.13
// fact: chosen > 3.94
// fact: chosen < 4.06
