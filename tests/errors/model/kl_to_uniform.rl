data d from csv("data.csv") { x: f32[2] }
bottleneck q(z | x: f32[2]) { z: f32[2] ~ Normal(x |> Linear(2), 1) }
bottleneck r(z | x: f32[2]) { z: f32[2] ~ Uniform(x, x + 1) }
prior p(z) { z: f32[2] ~ Uniform(-1, 1) }
prior w(z) { z: f32[2] ~ Normal(0, 1) }
loss bad = KL(q(z | x) || p(z))
loss fine = KL(r(z | x) || p(z)) + KL(r(z | x) || w(z))
train fit on d.train batch 4 steps 5 { minimize bad + fine over q with adam(lr = 0.05) }

// error: RL0116 6:12 the divergence from `Normal` to `Uniform` is infinite
// help: let both sides be `Uniform`
