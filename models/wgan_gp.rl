// wgan_gp.rl - Wasserstein GAN with a gradient penalty (Arjovsky, Chintala and Bottou 2017; Gulrajani et al.
// 2017), on a grid of 25 narrow Gaussians; and a critic alone that measures how far two Gaussians are apart.
dim H = 128
config lambda: f32 = 10.0
config critics: int = 5  // steps of the critic for each of the generator
config steps: int = 3000
config lr: f32 = 1e-3
const narrow = 0.05

data cells from uniform(n = 10000, width = 2, split = 0.9) { u: f32[2] in 0..1 }
fn real(u: f32[2]) -> f32[2] = 2 * floor(5 * u) - 4 + narrow * normal_noise(u)

module Net(n: int)(x: f32[...]) -> f32[n] = x |> Linear(H) |> relu |> Linear(H) |> relu |> Linear(n)
// waves of a few lengths beside the numbers: nets of relu alone are slow to learn fine things
fn waves(x: f32[2]) -> f32[14] = concat(
  x,
  sin(x),
  cos(x),
  sin(2 * x),
  cos(2 * x),
  sin(4 * x),
  cos(4 * x)
)
net D(x: f32[2]) -> f32 = x |> waves |> Net(1) |> sum
net G(z: f32[2]) -> f32[2] = z |> waves |> Net(2)
net ruler(x: f32[2]) -> f32 = x |> Net(1) |> sum
prior noise(z) { z: f32[2] ~ Normal(0, 1) }

fn slope(f, x, y) = E[e ~ Uniform(0, 1)](norm(grad(f, at = e * x + (1 - e) * y)))
fn loss_of(f, x, y) =
  f(y) - f(x) + lambda * E[e ~ Uniform(0, 1)]((norm(grad(f, at = e * x + (1 - e) * y)) - 1)^2)

train play on cells.train batch 128 steps steps {
  repeat critics {
    minimize E[z ~ noise](loss_of(D, real(u), G(z)))
      over D
      with adam(linear(lr, 0), b1 = 0, b2 = 0.9)
  }
  minimize E[z ~ noise](-D(G(z))) over G with adam(linear(lr, 0), b1 = 0, b2 = 0.9)
}
eval test on cells.train batch 9000 {
  let y = E[z ~ noise](G(z))
  let cell = clip(floor((y + 5) / 2), 0, 4)
  let good = float(norm(y - (2 * cell - 4)) < 3 * narrow)
  let hit = good * one_hot(clip(int(5 * cell[0] + cell[1]), 0, 24), 25)
  report good, sum(float(batch_mean(hit) > 0.2 / 25)) as modes, slope(D, real(u), y) as slope
}

// the distance of two Gaussians of one shape is that of their means, here 1
fn here(u: f32[2]) -> f32[2] = normal_noise(u)
fn there(u: f32[2]) -> f32[2] = normal_noise(u) + concat(0.6, 0.8)
train measure on cells.train batch 128 steps critics * steps / 4 {
  minimize loss_of(ruler, here(u), there(u)) over ruler with adam(linear(lr, 0), b1 = 0, b2 = 0.9)
}
eval distance on cells.train batch 9000 {
  report ruler(here(u)) - ruler(there(u)) as w1, slope(ruler, here(u), there(u)) as ruler_slope
}
sample points count 500 { emit E[z ~ noise](G(z)) as points }
