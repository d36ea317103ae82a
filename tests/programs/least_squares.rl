// Linear regression ends at the closed form (X'X)^-1 X'y, which numpy gives, to 1e-6.
data d from csv("rows.csv", split = 1.0) { a: f32, b: f32, c: f32, y: f32 }
param w: f32[3] = zeros()
param w0: f32 = zeros()
param v: f32[3] = zeros()
param v0: f32 = zeros()
fn line(w: f32[3], w0: f32, a: f32, b: f32, c: f32) -> f32 = w[0] * a + w[1] * b + w[2] * c + w0
loss by_w = 0.5 * (line(w, w0, a, b, c) - y)^2
loss by_v = 0.5 * (line(v, v0, a, b, c) - y)^2

train descend on d.train batch 16 steps 600 {
  minimize by_w over (w, w0) with sgd(lr = 0.3, momentum = 0.8)
}
train adapt on d.train batch 16 steps 600 {
  minimize by_v over (v, v0) with adam(lr = cosine(0.1, 0))
}
eval ends on d.train batch 16 {
  report 1e6 * abs(w[0] - 1.540799448) as off_w0,
    1e6 * abs(w[1] - (-0.534725025)) as off_w1,
    1e6 * abs(w[2] - 0.073436372) as off_w2
  report 1e6 * abs(w0 - 0.300239077) as off_w3
  report 1e6 * abs(v[0] - 1.540799448) as off_v0,
    1e6 * abs(v[1] - (-0.534725025)) as off_v1,
    1e6 * abs(v[2] - 0.073436372) as off_v2
  report 1e6 * abs(v0 - 0.300239077) as off_v3
  report by_w
}

// fact: off_w0 < 1
// fact: off_w1 < 1
// fact: off_w2 < 1
// fact: off_w3 < 1
// fact: off_v0 < 1
// fact: off_v1 < 1
// fact: off_v2 < 1
// fact: off_v3 < 1
// fact: by_w = 0.047518003
