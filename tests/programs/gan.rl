// Generative adversarial net (Goodfellow et al. 2014), non-saturating, on one dim. At fixed weights
// the losses, and the weights after one step of each player, are those of PyTorch; a step of one
// player leaves the other as it is. Then a generator learns a Gaussian.
data d from csv("rows.csv", split = 1.0) { a: f32, b: f32, c: f32, y: f32 }
data real from uniform(512, 2, split = 1.0) { u: f32[2] }

fn wave(n, s) = 0.5 * sin(s + 1.7 * iota(n))
param G1: f32[2, 3] = reshape(wave(6, 1), 2, 3)
param G2: f32[3, 1] = reshape(wave(3, 2), 3, 1)
param D1: f32[1, 3] = reshape(wave(3, 3), 1, 3)
param D2: f32[3, 1] = reshape(wave(3, 4), 3, 1)
state old_G1: f32[2, 3] = zeros()
state old_G2: f32[3, 1] = zeros()
state old_D1: f32[1, 3] = zeros()
state old_D2: f32[3, 1] = zeros()
net generator(z: f32[2]) -> f32[1] = tanh(z @ G1) @ G2
net critic(x: f32[1]) -> f32 = sum(tanh(x @ D1) @ D2)

loss fooled = softplus(-critic(generator(concat(b, c))))
loss told = softplus(-critic(reshape(a, 1))) + softplus(critic(stop(generator(concat(b, c)))))

eval start on d.train batch 8 { report fooled, told }
train remember_G on d.train batch 16 steps 1 {
  old_G1 <- G1
  old_G2 <- G2
}
train step_D on d.train batch 16 steps 1 { minimize told over critic with sgd(lr = 0.5) }
eval after_D on d.train batch 16 {
  report sum(abs(G1 - old_G1)) + sum(abs(G2 - old_G2)) as moved_G
  report D1[0, 0] as D1_0, D1[0, 2] as D1_2, D2[1, 0] as D2_1
}
train remember_D on d.train batch 16 steps 1 {
  old_D1 <- D1
  old_D2 <- D2
}
train step_G on d.train batch 16 steps 1 { minimize fooled over generator with sgd(lr = 0.5) }
eval after_G on d.train batch 16 {
  report sum(abs(D1 - old_D1)) + sum(abs(D2 - old_D2)) as moved_D
  report G1[0, 0] as G1_0, G1[1, 2] as G1_5, G2[1, 0] as G2_1
}

// The target is N(2, 0.5); the critic sees x and x^2, which is what tells two Gaussians apart.
param shape: f32[2] = ones()
param judge: f32[3] = zeros()
fn target(u: f32[2]) -> f32 = 2 + 0.5 * sqrt(-2 * log(max(u[0], 1e-6))) * cos(2 * pi * u[1])
fn fake() = shape[0] * normal_noise(0.0) + shape[1]
fn score(x: f32) -> f32 = judge[0] * x + judge[1] * x^2 + judge[2]
train play on real.train batch 128 steps 1500 {
  minimize softplus(-score(target(u))) + softplus(score(stop(fake()))) + 0.02 * sum(judge^2) over judge with adam(lr = 0.02)
  minimize softplus(-score(fake())) over shape with adam(lr = linear(0.02, 0))
}
eval learned on real.train batch 128 { report shape[1] as centre, abs(shape[0]) as width }

// fact: moved_G == 0
// fact: moved_D == 0
// fact: centre > 1.8
// fact: centre < 2.2
// fact: width > 0.3
// fact: width < 0.7

// by tools/programs.py
// fact: told = 1.3930440
// fact: fooled = 0.6925991
// fact: D1_0 = 0.0811685
// fact: D1_2 = 0.0456773
// fact: D2_1 = -0.2613286
// fact: G1_0 = 0.4222803
// fact: G1_5 = -0.0392963
// fact: G2_1 = -0.2617840
