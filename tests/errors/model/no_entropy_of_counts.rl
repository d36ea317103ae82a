prior q(n) { n: count ~ Poisson(3) }
loss l = entropy(q(n))
loss m = E[n ~ q(n), estimator = "pathwise"](n)
eval e on d.test batch 10 { report l, m }
data d from uci_digits() { x: f32[64] in 0..1 }

// error: RL0118 2:10 `Poisson` has no entropy in closed form
// help: average draws: `E[z ~ q(z | x)](-log q(z | x))`
// error: RL0120 3:10 a draw of Poisson is no differentiable function of its parameters
// help: leave `estimator` out, or write `estimator = "score"`
