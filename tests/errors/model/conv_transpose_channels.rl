data d from uci_digits() { x: f32[64] in 0..1 }
param W: f32[3, 1, 4, 4] = normal(0, 0.1)
loss a = sum(conv_transpose(reshape(x, 1, 8, 8), W, stride = 2, pad = "same")^2)
train fit on d.train batch 64 epochs 1 { minimize a over W with adam(lr = 1e-3) }

// error: RL0103 3:14 `conv_transpose` of 1 channels in 1 group with filters [3, 1, 4, 4]
// help: filters are [channels in, channels out / groups, window..]
