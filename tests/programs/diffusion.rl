// Denoising diffusion (Ho et al. 2020), flow matching (Lipman et al. 2023) and denoising score matching
// (Vincent 2011) on Gaussian data N(1, 4): the best denoiser, velocity and score are linear in x, and
// their least loss is known. Trained linear nets reach both; sampling them gives the data back.
data d from uniform(4096, 2, split = 1.0) { u: f32[2] }

fn gauss(u: f32[2]) -> f32 = sqrt(-2 * log(max(u[0], 1e-9))) * cos(2 * pi * u[1])
fn point(u: f32[2]) -> f32 = 1 + 2 * gauss(u)

// one level of noise: x_t = sqrt(abar) x + sqrt(1 - abar) e with abar = 0.36, so x_t is N(0.6, 2.08).
// The best prediction of e is 0.8 (x_t - 0.6) / 2.08, its loss 1 - 0.64 / 2.08 = 9 / 13.
param e_hat: f32[2] = zeros()
fn denoise(u: f32[2], e: f32) -> f32 = (e_hat[0] * (0.6 * point(u) + 0.8 * e) + e_hat[1] - e)^2

// x_t = (1 - t) e + t x at t = 1/2: x_t is N(1/2, 5/4), the velocity x - e is N(1, 5), their covariance
// (4 - 1) / 2. The best velocity is 1 + 6/5 (x_t - 1/2), its loss 5 - (3/2)^2 / (5/4) = 16/5.
param v_hat: f32[2] = zeros()
fn flow(u: f32[2], e: f32) -> f32 = (v_hat[0] * 0.5 * (e + point(u)) + v_hat[1] - (point(u) - e))^2

// x + s e with s = 1: the score of N(1, 5) is (1 - x) / 5, and the target -e / s has variance 1, of
// which the score explains 1/5.
param s_hat: f32[2] = zeros()
fn score(u: f32[2], e: f32) -> f32 = (s_hat[0] * (point(u) + e) + s_hat[1] + e)^2
// implicit score matching (Hyvarinen 2005) of x itself: the score is (1 - x) / 4, the value -1/8
param h_hat: f32[2] = zeros()
fn slope(x: f32) -> f32 = h_hat[0] * x + h_hat[1]
fn implicit(u: f32[2]) -> f32 = grad(slope, at = point(u)) + 0.5 * slope(point(u))^2

train fit on d.train batch 1024 steps 600 {
  let e = normal_noise(sum(u))
  minimize denoise(u, e) over e_hat with adam(lr = linear(0.05, 0))
  minimize flow(u, e) over v_hat with adam(lr = linear(0.05, 0))
  minimize score(u, e) over s_hat with adam(lr = linear(0.05, 0))
  minimize implicit(u) over h_hat with adam(lr = linear(0.05, 0))
}
eval found on d.train batch 4096 {
  report e_hat[0] as e_slope, e_hat[1] as e_start, denoise(u, normal_noise(sum(u))) as e_loss
  report v_hat[0] as v_slope, v_hat[1] as v_start, flow(u, normal_noise(sum(u))) as v_loss
  report s_hat[0] as s_slope, s_hat[1] as s_start, score(u, normal_noise(sum(u))) as s_loss
  report h_hat[0] as h_slope, h_hat[1] as h_start, implicit(u) as h_loss
}

// Ancestral sampling over 50 levels with the best denoiser of each gives N(1, 4) back; so does the
// flow's equation in 50 Euler steps with the best velocities (to its error of discretization), and so
// do 150 steps of Langevin dynamics with the learnt score of N(1, 5).
fn beta(t) = 0.002 + 0.004 * t
fn abar(t: f32) = exp(sum(log(1 - beta(iota(50))) * float(iota(50) <= t)))
fn best_noise(x: f32, a: f32) = sqrt(1 - a) * (x - sqrt(a)) / (4 * a + 1 - a)
fn down(x: f32, t: f32, z: f32) =
  (x - beta(t) / sqrt(1 - abar(t)) * best_noise(x, abar(t))) / sqrt(1 - beta(t)) + float(t > 0) * sqrt(beta(t)) * z
fn ancestral(x: f32) = last(scan(h = x, i in 0..50) { return down(h, 49 - float(i), normal_noise(h)) })
fn velocity(x: f32, t: f32) = 1 + (4 * t - (1 - t)) / (4 * t^2 + (1 - t)^2) * (x - t)
fn carried(x: f32) = last(scan(h = x, i in 0..50) { return h + 0.02 * velocity(h + 0.01 * velocity(h, 0.02 * float(i)), 0.02 * float(i) + 0.01) })
fn langevin(x: f32) = last(scan(h = x, i in 0..150) { return h + 0.1 * (s_hat[0] * h + s_hat[1]) + sqrt(0.2) * normal_noise(h) })
eval drawn on d.train batch 4096 {
  let a = ancestral(normal_noise(sum(u)))
  let c = carried(normal_noise(sum(u)))
  let l = langevin(0 * sum(u))
  report a as a_mean, (a - 1)^2 as a_var, c as c_mean, (c - 1)^2 as c_var, l as l_mean, (l - 1)^2 as l_var
}

// deviations of 4,096 rows: 3 % of a variance, 0.03 of a mean
// fact: e_slope > 0.36
// fact: e_slope < 0.42
// fact: e_start > -0.29
// fact: e_start < -0.19
// fact: e_loss > 0.62
// fact: e_loss < 0.76
// fact: v_slope > 1.12
// fact: v_slope < 1.28
// fact: v_start > 0.3
// fact: v_start < 0.5
// fact: v_loss > 2.9
// fact: v_loss < 3.5
// fact: s_slope > -0.22
// fact: s_slope < -0.18
// fact: s_start > 0.15
// fact: s_start < 0.25
// fact: s_loss > 0.72
// fact: s_loss < 0.88
// fact: h_slope > -0.28
// fact: h_slope < -0.22
// fact: h_start > 0.2
// fact: h_start < 0.3
// fact: h_loss > -0.15
// fact: h_loss < -0.1
// fact: a_mean > 0.85
// fact: a_mean < 1.15
// fact: a_var > 3.6
// fact: a_var < 4.4
// fact: c_mean > 0.85
// fact: c_mean < 1.15
// fact: c_var > 3.6
// fact: c_var < 4.4
// fact: l_mean > 0.85
// fact: l_mean < 1.15
// fact: l_var > 4.5
// fact: l_var < 5.6
