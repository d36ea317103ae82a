// gan.rl - generative adversarial nets (Goodfellow et al. 2014): one game, played on a line, on a ring of
// eight Gaussians and on digits. Generators maximize log D(G(z)), the goal that does not saturate.
dim D = 64, H = 128, Z = 16, M = 1000
config steps: int = 2000
config epochs: int = 60
config lr: f32 = 1e-3
data line from blobs(n = 10000, k = 1, width = 1, split = 0.9) { a: f32[1] }
data ring from gaussians8(n = 10000, split = 0.9) { p: f32[2] }
data digits from uci_digits(valid = 0.1) { x: f32[D] in 0..1, y: idx(10) }
module Net(n: int)(x: f32[...]) -> f32[n] = x |> Linear(H) |> relu |> Linear(H) |> relu |> Linear(n)
module Layer(drop: f32)(x: f32[...]) -> f32[H] = x |> Linear(H) |> leaky_relu(0.2) |> dropout(drop)
module Says(drop: f32)(x: f32[...]) -> f32 = x |> Layer(drop) |> Layer(drop) |> Linear(1) |> sum
module Wide()(x: f32[...]) -> f32[H] = x |> Linear(H) |> BatchNorm() |> relu
net line_D(a: f32[1]) -> f32 = a |> Says(0)
net ring_D(p: f32[2]) -> f32 = p |> Says(0)
net digit_D(x: f32[D]) -> f32 = x |> Says(0.3)  // log-odds of a real x
net line_G(z: f32[Z]) -> f32[1] = z |> Net(1)
net ring_G(z: f32[Z]) -> f32[2] = z |> Net(2)
net digit_G(z: f32[Z]) -> f32[D] = z |> Wide() |> Wide() |> Linear(D) |> sigmoid
const smooth = copy(digit_G)  // over time: its samples are steadier
prior pz(z) { z: f32[Z] ~ Normal(0, 1) }
fn told(real: f32, made: f32) = softplus(-real) + softplus(made)  // -log D(x) - log(1 - D(G(z)))
fn fooled(made: f32) = softplus(-made)  // -log D(G(z))

train play_line on line.train batch 256 steps steps {
  minimize E[z ~ pz](told(line_D(a), line_D(line_G(z)))) over line_D with adam(linear(lr), b1 = 0.5)
  minimize E[z ~ pz](fooled(line_D(line_G(z)))) over line_G with adam(linear(lr), b1 = 0.5)
}
eval test_line on line.train batch 9000 {
  let made = E[z ~ pz](line_G(z)[0])
  report a[0] as true_mean, sqrt(batch_mean((a[0] - batch_mean(a[0]))^2)) as true_std
  report made as mean, sqrt(batch_mean((made - batch_mean(made))^2)) as std
  report sigmoid(line_D(a)) as on_real, E[z ~ pz](sigmoid(line_D(line_G(z)))) as on_made
}
train play_ring on ring.train batch 128 steps 2 * steps {
  minimize E[z ~ pz](told(ring_D(p), ring_D(ring_G(z)))) over ring_D with adam(lr, b1 = 0.5)
  minimize E[z ~ pz](fooled(ring_D(ring_G(z)))) over ring_G with adam(linear(lr), b1 = 0.5)
}
const turn = pi * iota(8) / 4
fn near(p: f32[2]) = float((p[0] - 2 * cos(turn))^2 + (p[1] - 2 * sin(turn))^2 < 0.6^2)  // 3 deviations
eval test_ring on ring.test batch 1000 {
  let hit = E[z ~ pz](near(ring_G(z)))
  report sum(hit) as good, sum(float(batch_mean(hit) > 0.2 / 8)) as modes
}
train play_digits on digits.train batch 64 epochs epochs {
  minimize E[z ~ pz](told(digit_D(x), digit_D(digit_G(z)))) over digit_D with adam(lr, b1 = 0.5)
  minimize E[z ~ pz](fooled(digit_D(digit_G(z)))) over digit_G with adam(linear(lr), b1 = 0.5)
  smooth <- 0.99 * smooth + 0.01 * digit_G
}
state drawn: f32[M, D] = zeros()
param log_h: f32 = constant(-1.6)  // of the width of Parzen windows round M samples, fitted to valid rows
fn parzen(x: f32[D]) =
  logsumexp((drawn @ x - 0.5 * sum(drawn^2, over = 1) - 0.5 * sum(x^2)) / exp(2 * log_h))
  - log(M)
  - D * (log_h + 0.5 * log(2 * pi))
train draw on digits.train batch M steps 1 { drawn <- batch(E[z ~ pz](smooth(z))) }
train widen on digits.valid batch 100 steps 200 { maximize parzen(x) over log_h with adam(0.05) }
eval test on digits.test batch 120 { report parzen(x) as parzen, exp(log_h) as width }
sample draws count 64 { emit E[z ~ pz](smooth(z)) as image }
