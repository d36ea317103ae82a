// What is drawn takes no value: it would be left out.
data d from uniform(40, 3, split = 1.0) { x: f32[3] }
prior p(z) { z: f32[2] ~ Normal(0, 1) }
decoder p(x | z: f32[2]) { x: f32[3] ~ Normal(concat(z, z[0:1]), 1) }
encoder q(z | x: f32[3]) { z: f32[2] ~ Normal(x[0:2], 1) }
eval averages on d.train batch 10 {
  report E[z ~ q(z = zeros(2) | x)](sum(z)) as average
  report KL(q(z | x) || p(z = zeros(2))) as rate
  report sum(mean(q(z = ones(2) | x))) as centre
  report elbo(p, q(z = ones(2) | x)) as bound
  report log q(z = ones(2) | x) as density
  report KL(p = q(z | x) || q = p(z)) as named
}
sample told count 4 { z ~ p(z = ones(2))  emit z as table }
sample two count 4 { z ~ p(z, 1)  emit z as table }
sample one count 4 { x ~ p(x = ones(3) | z = ones(2))  emit x as table }

// error: RL0114 7:22 `z` is drawn here, and takes no value
// help: name the variables alone, as `q` is declared (q(z | x)); what it is given stands behind `|`, and only `log q(...)` takes values
// error: RL0114 8:31 `z` is drawn here, and takes no value
// help: name the variables alone, as `p` is declared (p(z), p(x | z)); what it is given stands behind `|`, and only `log p(...)` takes values
// error: RL0114 9:25 `z` is drawn here, and takes no value
// help: name the variables alone, as `q` is declared (q(z | x)); what it is given stands behind `|`, and only `log q(...)` takes values
// error: RL0114 10:24 `z` is drawn here, and takes no value
// help: name the variables alone, as `q` is declared (q(z | x)); what it is given stands behind `|`, and only `log q(...)` takes values
// error: RL0104 12:10 `KL` takes two densities with `||` between
// help: write `KL(q(z | x) || p(z))`
// error: RL0114 14:33 `z` is drawn here, and takes no value
// help: name the variables alone, as `p` is declared (p(z), p(x | z)); what it is given stands behind `|`, and only `log p(...)` takes values
// error: RL0114 15:31 a variable is named here, which takes no value
// help: name the variables alone, as `p` is declared (p(z), p(x | z)); what it is given stands behind `|`, and only `log p(...)` takes values
// error: RL0114 16:32 `x` is drawn here, and takes no value
// help: name the variables alone, as `p` is declared (p(z), p(x | z)); what it is given stands behind `|`, and only `log p(...)` takes values
