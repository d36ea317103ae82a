data d from iris() { x: f32[4], y: idx(3) }
encoder enc(x: f32[4]) -> f32[2] = x |> Linear(2)
bottleneck code(h: f32[2]) -> f32[2] = h - sum(batch(h), over = 0) / B
decoder dec(z: f32[2]) -> f32[4] = z |> Linear(4)
loss rec = sum((x - dec(code(enc(x))))^2)
train t on d.train batch 20 steps 2 { minimize rec over (enc, dec) with sgd(lr = 1e-3) }
eval e on d.test batch 4 { report rec }
