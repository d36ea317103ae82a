// A variational autoencoder of three layers, all linear and Gaussian, so that log p(x) is known: the
// bound is below it for any q, equal to it at the exact posterior, and training closes the gap.
data d from csv("rows.csv", split = 1.0) { y: f32 }

// z3 ~ N(0, 1), z2 | z3 ~ N(0.8 z3, 0.6), z1 | z2 ~ N(0.5 z2, 1), x | z1 ~ N(z1, 0.7):
// the variances are 1, 1, 1.25, 1.74
prior p(z3) { z3: f32 ~ Normal(0, 1) }
decoder p(z2 | z3: f32) { z2: f32 ~ Normal(0.8 * z3, 0.6) }
decoder p(z1 | z2: f32) { z1: f32 ~ Normal(0.5 * z2, 1) }
decoder p(x | z1: f32) { x: f32 ~ Normal(z1, 0.7) }

param m: f32[6] = constant(0.1)
param s: f32[3] = constant(-0.2)
bottleneck q(z1 | x: f32) { z1: f32 ~ Normal(m[0] * x + m[1], exp(s[0])) }
encoder q(z2 | z1: f32) { z2: f32 ~ Normal(m[2] * z1 + m[3], exp(s[1])) }
encoder q(z3 | z2: f32) { z3: f32 ~ Normal(m[4] * z2 + m[5], exp(s[2])) }

// posteriors of Gaussian chains: z1 | x, z2 | z1, z3 | z2
encoder r(z1 | x: f32) { z1: f32 ~ Normal(1.25 / 1.74 * x, sqrt(1.25 * 0.49 / 1.74)) }
encoder r(z2 | z1: f32) { z2: f32 ~ Normal(0.5 / 1.25 * z1, sqrt(1 - 0.25 / 1.25)) }
encoder r(z3 | z2: f32) { z3: f32 ~ Normal(0.8 * z2, 0.6) }

loss by_q = E[z1 ~ q(z1 | x = y), samples = 4](
  log p(x = y | z1 = z1) - log q(z1 = z1 | x = y) + E[z2 ~ q(z2 | z1)](
    log p(z1 = z1 | z2 = z2) - log q(z2 = z2 | z1 = z1) - KL(q(z3 | z2) || p(z3)) + E[z3 ~ q(z3 | z2), samples = 50](log p(z2 = z2 | z3 = z3))
  )
)
loss by_r = E[z1 ~ r(z1 | x = y), samples = 4](
  log p(x = y | z1 = z1) - log r(z1 = z1 | x = y) + E[z2 ~ r(z2 | z1)](
    log p(z1 = z1 | z2 = z2) - log r(z2 = z2 | z1 = z1) - KL(r(z3 | z2) || p(z3)) + E[z3 ~ r(z3 | z2), samples = 50](log p(z2 = z2 | z3 = z3))
  )
)
fn exact(y: f32) = -0.5 * log(2 * pi * 1.74) - 0.5 * y^2 / 1.74

eval start on d.train batch 16 { report by_q - exact(y) as gap, by_r - exact(y) as none, exact(y) as exact }
train fit on d.train batch 16 steps 400 { minimize -by_q over (m, s) with adam(lr = linear(0.03, 0)) }
eval end on d.train batch 16 {
  report by_q - exact(y) as gap_left, m[0], m[2], m[4], exp(2 * s[0]) as v0, exp(2 * s[1]) as v1, exp(2 * s[2]) as v2
}

// fact: gap < -0.3
// fact: none > -0.03
// fact: none < 0.03
// fact: gap_left > -0.1
// fact: gap_left < 0.03
// fact: m[0] > 0.6
// fact: m[0] < 0.85
// fact: v2 > 0.3
// fact: v2 < 0.43

// by tools/programs.py
// fact: exact = -1.4435248
