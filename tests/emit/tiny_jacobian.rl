// a penalty on a Jacobian: second derivatives and their structure
dim D = 3, H = 2
data d from uniform(16, 3) { x: f32[D] }
param W: f32[D, H] = glorot()
fn enc(x: f32[D]) -> f32[H] = tanh(x @ W)
loss penalty = frob2(jacobian(enc, at = x))
train fit on d.train batch 2 steps 1 { minimize penalty over W with sgd(lr = 0.1) }
