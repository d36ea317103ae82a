// A conditional GAN (Mirza and Osindero 2014): generator and critic see the class. Three classes are
// three Gaussians; the generator learns each one's place from its own rows.
data d from npz("classes.npz", split = 1.0) { x: f32, k: idx(3) }

param centres: f32[3] = zeros()
param spreads: f32[3] = constant(0.5)
param judge: f32[3, 3] = zeros()
state old: f32[3, 3] = zeros()
fn made(k: idx(3), e: f32) -> f32 = centres[k] + spreads[k] * e
fn critic(x: f32, k: idx(3)) -> f32 = judge[k][0] + judge[k][1] * x + judge[k][2] * x^2

train play on d.train batch 96 steps 1500 {
  let e = normal_noise(x)
  minimize softplus(-critic(x, k)) + softplus(critic(stop(made(k, e)), k)) + 0.02 * sum(judge^2) over judge with adam(lr = 0.02)
  minimize softplus(-critic(made(k, normal_noise(x)), k)) over (centres, spreads) with adam(lr = linear(0.02, 0))
}
eval end on d.train batch 96 {
  report centres[0] as centre_0, centres[1] as centre_1, centres[2] as centre_2
  report abs(spreads[0]) as spread_0
}
// one step on rows of class 1 moves what belongs to class 1, and nothing else
train remember on d.train batch 96 steps 1 { old <- judge }
train only on d.train batch 96 steps 1 {
  maximize float(k == 1) * critic(x, k) over judge with sgd(lr = 1)
}
eval after on d.train batch 96 {
  report sum(abs(judge - old)[1]) as moved_1
  report sum(abs(judge - old)[0]) + sum(abs(judge - old)[2]) as moved_others
}

// means of the rows: -1.9614, 0.4764, 2.9707; deviations 0.46 to 0.48
// fact: centre_0 > -2.2
// fact: centre_0 < -1.7
// fact: centre_1 > 0.2
// fact: centre_1 < 0.7
// fact: centre_2 > 2.7
// fact: centre_2 < 3.25
// fact: spread_0 > 0.15
// fact: spread_0 < 0.7
// fact: moved_1 > 0
// fact: moved_others == 0
