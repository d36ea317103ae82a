// `prune` closes values of a bottleneck whose rate is below a bound. x is uniform on (0, 1), of mean square
// 1/3, and b x with deviation 1 costs b^2 / 6 nats: 0, 0.0104, 0.0417 and 0.094 here, within 5 %.
data d from uniform(2000, 1) { x: f32[1] }

param a: f32[4] = constant(1.0)
bottleneck q(z | x: f32[1]) {
  z: f32[4] ~ Normal(a * (iota(4) / 4) * x[0], 1)
}
prior p(z) { z: f32[4] ~ Normal(0, 1) }
fn open(x) = float(mean(q(z | x = x)) != 0)
loss rate = KL(q(z | x) || p(z))

train first on d.train batch 100 epochs 1 { prune q below 0.02 }
eval first_closed on d.train batch 300 {
  report open(x)[0] as a0, open(x)[1] as a1, open(x)[2] as a2, open(x)[3] as a3
}
// What is closed stays so, whatever the weights become, and no gradient reaches it.
train second on d.train batch 100 epochs 2 {
  a <- 100 + 0 * a
  prune q below 1e-6
}
train pull on d.train batch 100 steps 1 { minimize rate over a with sgd(lr = 1.0) }
eval later on d.train batch 300 {
  report open(x)[1] as b1, a[0] as kept0, a[1] as kept1, float(a[3] < 100) as moved3
}
// A bound above everything closes the rest: the code is the prior, and the rate 0.
train third on d.train batch 100 epochs 1 { prune q below 1e9 }
eval last on d.train batch 300 {
  report rate as none,
    E[z ~ q(z | x)](log q(z | x) - log p(z)) as drawn,
    entropy(q(z | x)) - entropy(p(z)) as same
}

// fact: a0 == 0
// fact: a1 == 0
// fact: a2 == 1
// fact: a3 == 1
// fact: b1 == 0
// fact: kept0 == 100
// fact: kept1 == 100
// fact: moved3 == 1
// fact: none == 0
// fact: drawn == 0
// fact: same == 0
// fact: q.open == 0
