// A sparse autoencoder that keeps the two largest of its units (Gao et al. 2024), trained on an archive
// of activations. Each row is a sum of two of six directions: the code has two values always, and after
// training the error is a small share of the power.
dim D = 4, H = 12
data acts from npz("activations.npz", split = 1.0) { h: f32[D], parts: f32[6] }
config k: int = 2

param centre: f32[D] = zeros()
param W: f32[D, H] = normal(0, 0.4)
param V: f32[H, D] = normal(0, 0.4)
param b: f32[H] = zeros()
encoder code(h: f32[D]) -> f32[H] = top_k(relu((h - centre) @ W + b), k)
decoder back(z: f32[H]) -> f32[D] = z @ V + centre
loss rec = sum((back(code(h)) - h)^2)

eval start on acts.train batch 64 {
  report sum(float(code(h) > 0)) as many
  report sum(h^2) as power
}
train fit on acts.train batch 64 steps 1500 { minimize rec over (code, back) with adam(lr = linear(0.02, 0)) }
eval end on acts.train batch 64 { report rec, sum(float(code(h) > 0)) as kept }

// fact: kept < 2.00001
// fact: kept > 1.5
// fact: many < 2.00001
// fact: power = 1.878341
// fact: rec < 0.06
