// ppca.rl - probabilistic PCA (Tipping and Bishop 1999) by gradient ascent: a linear decoder with Gaussian
// noise. The bound with independent codes is in closed form, and tight at the optimum (Lucas et al. 2019).
dim D = 64, K = 8, N = 1437  // N: all rows of the training split, one step each epoch
config epochs: int = 3000
config lr: f32 = 5e-2

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(10) }

param W: f32[K, D] = normal(0, 0.1)
param m: f32[D] = zeros()
param noise: f32 = constant(-1)  // log of the noise's standard deviation
param V: f32[D, K] = normal(0, 0.1)
param log_s: f32[K] = constant(-1)  // log standard deviations of the code, the same for every x

prior p(z) { z: f32[K] ~ Normal(0, 1) }
decoder p(x | z: f32[K]) { x: f32[D] ~ Normal(z @ W + m, exp(noise)) }
bottleneck q(z | x: f32[D]) { z: f32[K] ~ Normal((x - m) @ V, exp(log_s)) }

// E[log p(x | z)] over q: the noise of z adds its variance along the rows of W
loss miss = sum((x - mean(p(x | z = mean(q(z | x)))))^2) + dot(exp(2 * log_s), sum(W^2, over = 1))
loss rec = 0.5 * miss * exp(-2 * noise) + D * (noise + 0.5 * log(2 * pi))
loss rate = KL(q(z | x) || p(z))
loss nelbo = rec + rate

train fit on digits.train batch N epochs epochs {
  minimize nelbo over (W, m, noise, V, log_s) with adam(lr = cosine(lr, 0))
}
eval seen on digits.train batch N { report nelbo as train_nelbo, rate, exp(noise) as sigma }
eval test on digits.test batch 120 { report nelbo }
