// gaussian_rbm.rl - real values beside hidden bits (Welling, Rosen-Zvi and Hinton 2005): given the bits, values
// are independent normals; integrated out, they leave an exact constant for a few bits, so that -log p is
// known, and the gradient with it. Each bit moves the mean, so it is a mixture of 2^H Gaussians.
dim D = 2, H = 8
config lr: f32 = 0.02
config epochs: int = 60

data points from gaussians8(n = 10000, split = (0.9, 0, 0.1)) { x: f32[D] }

model rbm(v: f32[D], h: bit[H]) {
  param W: f32[D, H] = normal(0, 1)
  param a: f32[D] = zeros()
  param b: f32[H] = zeros()
  param logs: f32[D] = zeros()  // log of the standard deviations
  factor -0.5 * sum(((v - a) / exp(logs))^2)
  factor dot(v / exp(logs) @ W + b, h)
}

loss nll = free_energy(rbm, v = x) + log_z(rbm)
loss cd = free_energy(rbm, v = x) - E[n ~ gibbs(rbm, v = x, steps = 1)](free_energy(rbm, v = n))

train start on points.train batch 100 epochs 5 {
  minimize cd over rbm with adam(lr = lr)
}
train fit on points.train batch 100 epochs epochs {
  minimize nll over rbm with adam(lr = cosine(lr))
}
eval test on points.test batch 1000 {
  report nll, ais(rbm) - log_z(rbm) as off
}
sample dreams count 1000 {
  v ~ gibbs(rbm, steps = 500)
  emit v as points
}
