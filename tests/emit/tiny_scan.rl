// a loop with noise in it, and its derivative
dim T = 3, H = 2
data d from uniform(16, 6) { s: f32[T, H] }
param A: f32[H, H] = glorot()
fn last_state(s: f32[T, H]) -> f32[H] = last(scan(h = s[0], x in s) { return tanh(h @ A + x) })
loss size = frob2(last_state(s))
train fit on d.train batch 2 steps 1 { minimize size over A with adam(lr = 0.1, clip = 1.0) }
