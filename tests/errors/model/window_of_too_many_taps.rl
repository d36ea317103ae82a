data d from uniform(20, 1) { x: f32[1] }
param w: f32[1, 1, 200, 200] = ones()
loss l = mean(conv(zeros(1, 4000, 300) + x[0], w))
train t on d.train batch 1 steps 1 { minimize l over w with sgd(lr = 0.1) }

// error: RL0110 4:7 a convolution of more than 67108864 lines and taps
// help: use a smaller window
