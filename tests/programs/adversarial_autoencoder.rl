// An adversarial autoencoder (Makhzani et al. 2016): rows lie near a line, their code is one number, and
// a critic pushes the codes to N(0, 1). The two steps of each turn leave the other player as it is;
// after training codes have the moments of the prior, and draws of the prior decode to rows.
data d from lowrank(n = 1024, width = 2, rank = 1, noise = 0.05, split = 1.0) { x: f32[2], z: f32[1] }

param E: f32[2, 1] = constant(0.2)
param e0: f32[1] = constant(0.5)
param D: f32[1, 2] = constant(0.3)
param d0: f32[2] = zeros()
param judge: f32[3] = zeros()
state still_E: f32 = ones()
state still_judge: f32 = ones()
state gone_E: f32 = zeros()
state old_E: f32[2, 1] = zeros()
state old_judge: f32[3] = zeros()
encoder enc(x: f32[2]) -> f32[1] = x @ E + e0
decoder dec(z: f32[1]) -> f32[2] = z @ D + d0
fn says(z: f32[1]) -> f32 = judge[0] + judge[1] * z[0] + judge[2] * z[0]^2
loss rec = sum((dec(enc(x)) - x)^2)
loss told = softplus(-says(normal_noise(z))) + softplus(says(stop(enc(x)))) + 0.02 * sum(judge^2)
loss fooled = softplus(-says(enc(x)))

train one on d.train batch 128 steps 1 {
  old_E <- E
  minimize told over judge with adam(lr = 0.1)
  still_E <- sum(abs(E - old_E))
  old_judge <- judge
  minimize fooled over enc with adam(lr = 0.1)
  still_judge <- sum(abs(judge - old_judge))
  gone_E <- sum(abs(E - old_E))
}
eval after on d.train batch 128 { report still_E as moved_E, still_judge as moved_judge, gone_E as moves_E }
train play on d.train batch 128 steps 1500 {
  minimize rec over (enc, dec) with adam(lr = linear(0.01, 0))
  minimize told over judge with adam(lr = 0.02)
  minimize fooled over enc with adam(lr = linear(0.01, 0))
}
eval end on d.train batch 128 {
  report rec
  report enc(x)[0] as code_mean, enc(x)[0]^2 as code_square
  report sum(dec(normal_noise(z))^2) / sum(0 * x + 1) as drawn_square, sum(x^2) / 2 as row_square
}

// fact: moved_E == 0
// fact: moved_judge == 0
// fact: moves_E > 0
// fact: rec < 0.05
// fact: code_mean > -0.2
// fact: code_mean < 0.2
// fact: code_square > 0.6
// fact: code_square < 1.4
// fact: drawn_square > 0.4
// fact: drawn_square < 0.65
