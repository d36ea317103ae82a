data d from uci_digits() { x: f32[64] in 0..1 }
param w: f32 = zeros()
param u: f32[3] = zeros()
param v: f32 = zeros()
net f(x: f32[64]) -> f32 = w * sum(x)
net g(x: f32[64]) -> f32 = v * sum(x)
fn apply(h, x: f32[64]) -> f32 = h(x)
train t on d.train batch 10 steps 1 {
  let both = apply(f, x) + apply(g, x)
  minimize both^2 over f with sgd(lr = 1e-3)
}
// warning: RL0203 4:7 the weights of `v` are in a goal and no phase updates them
// help: over (..., v)
// warning: RL0203 3:7 no phase uses the weight `u`
// help: use it in a net
