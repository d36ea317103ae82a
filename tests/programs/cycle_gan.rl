// CycleGAN (Zhu et al. 2017) on two data sets without pairs: two maps, a critic in each place, and the
// cycles there and back. One set is N(0, 1) in each of two dims, the other is N(1, 4) and N(-1, 1/4);
// the maps learn the way there, and the way back to where a row came from.
dim D = 2
data here from npz("here.npz", split = 1.0) { x: f32[D] }
data there from npz("there.npz", split = 1.0) { w: f32[D] }

param A: f32[2, D] = constant(0.8)
param R: f32[2, D] = constant(0.8)
param a: f32[3, D] = zeros()
param r: f32[3, D] = zeros()
net forth(x: f32[D]) -> f32[D] = A[0] * x + A[1]
net back(w: f32[D]) -> f32[D] = R[0] * w + R[1]
fn says(p: f32[3, D], x: f32[D]) -> f32 = sum(p[0] + p[1] * x + p[2] * x^2)

train play on (here.train, there.train) batch 64 steps 2000 {
  minimize softplus(-says(a, there.w)) + softplus(says(a, stop(forth(here.x)))) + 0.02 * sum(a^2) over a with adam(lr = 0.02)
  minimize softplus(-says(r, here.x)) + softplus(says(r, stop(back(there.w)))) + 0.02 * sum(r^2) over r with adam(lr = 0.02)
  minimize softplus(-says(a, forth(here.x))) + softplus(-says(r, back(there.w))) + sum((back(forth(here.x)) - here.x)^2) + sum((forth(back(there.w)) - there.w)^2) over (forth, back) with adam(lr = linear(0.02, 0))
}
eval end on here.train batch 64 {
  report abs(A[0, 0]) as scale_0, abs(A[0, 1]) as scale_1, A[1, 0] as move_0, A[1, 1] as move_1
  report sum((back(forth(x)) - x)^2) as lost
}

// fact: scale_0 > 1.6
// fact: scale_0 < 2.5
// fact: scale_1 > 0.35
// fact: scale_1 < 0.7
// fact: move_0 > 0.8
// fact: move_0 < 1.2
// fact: move_1 > -1.2
// fact: move_1 < -0.8
// fact: lost < 1e-3
