data d from uniform(10, 1) { x: f32[1], k: f32[1] }
bottleneck q(z | x: f32[1]) { z: f32 ~ Normal(sum(x), 1) }
model p(y | a: f32, b: f32) { y: f32 ~ Normal(a + b, 1) }
eval e on d.train batch 5 {
  report mean(q(z | x, k)) as a, mean(q(z | x, nosuchname)) as b, mean(q(z | k = x)) as c
  report E[z ~ q(z | x, samples = 5)](z) as f, log q(z = 0.0 | x, 2 * x) as g
  report mean(p(y | c = 1.0, e = 2.0)) as h
}

// error: RL0114 5:24 `q` is not given `k`
// help: leave it out, or let a statement of the density mention it
// error: RL0114 5:48 `q` is not given `nosuchname`
// help: leave it out, or let a statement of the density mention it
// error: RL0117 5:72 `q` is given no `x`
// help: `x` is neither a data field nor drawn here: draw it with `E[x ~ ...](...)`, or write `x = value` after the bar; to leave it open take a bound, `elbo(p, q)`
// error: RL0114 6:35 `q` is not given `samples`
// help: options stand in the brackets: `E[z ~ q(z | x), samples = 5](...)`
// error: RL0114 6:67 `q` is not given so many values
// help: leave it out, or let a statement of the density mention it
// error: RL0117 7:15 `p` is given no `a`
// help: `a` is neither a data field nor drawn here: draw it with `E[a ~ ...](...)`, or write `a = value` after the bar; to leave it open take a bound, `elbo(p, q)`
