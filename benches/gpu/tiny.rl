// tiny.rl - a model of n weights, by default one: what a step costs when it computes next to nothing.
dim n = 1

data d from uniform(64, 1) { x: f32[1] in 0..1 }

param w: f32[n] = zeros()

loss miss = sum((w - expand(x[0], over = n))^2)

train fit on d.train batch 1 steps 1000 { minimize miss over w with sgd(lr = 1e-3) }
