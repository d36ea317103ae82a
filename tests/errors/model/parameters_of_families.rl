const a = Gamma(-1, 1)
const b = Poisson(0)
const c = Binomial(2.5, 0.5)
const e = DiscretizedLogistic(0, 1, levels = 1)
const f = VonMisesFisher(ones(3), concentration = 0)
const g = Beta(1, 2, 3)
loss l = mean(a) + mean(b) + mean(c) + mean(e) + sum(mean(f)) + mean(g)

// error: RL0107 1:17 parameter `concentration` of `Gamma` is -1, and must be greater than 0
// help: a value greater than 0; a net's output is brought there by `exp`, `softplus` or `sigmoid`
// error: RL0107 2:19 parameter `rate` of `Poisson` is 0, and must be greater than 0
// error: RL0107 3:20 parameter `total` of `Binomial` is 2.5, and must be a whole number from 0 on
// help: give a whole number: `10`
// error: RL0107 4:46 parameter `levels` of `DiscretizedLogistic` is 1, and must be a whole number from 2 on
// error: RL0107 5:51 parameter `concentration` of `VonMisesFisher` is 0, and must be greater than 0
// error: RL0104 6:11 `Beta` takes 2 parameters
// help: Beta(alpha, beta)
