// denoising.rl - denoising autoencoder (Vincent et al. 2008, 2010): Gaussian noise, and with `mask` a share
// of the pixels set to 0. Of points round a circle, r(x) - x leads back to it (Alain and Bengio 2014).
dim D = 64, H = 256
config sigma: f32 = 0.5
config mask: f32 = 0.0
config near: f32 = 0.15  // noise round the circle
config epochs: int = 100
config lr: f32 = 1e-3

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(10) }
data ring from circle(n = 2000, noise = 0) { p: f32[2] }

bottleneck enc(x: f32[D]) -> f32[H] = x |> Linear(H) |> relu
decoder dec(h: f32[H]) -> f32[D] = h |> Linear(H) |> relu |> Linear(D) |> sigmoid
net back(p: f32[2]) -> f32[2] = p |> Linear(64) |> tanh |> Linear(64) |> tanh |> Linear(2)

fn spoil(x) = (x + sigma * normal_noise(x)) * float(uniform_noise(x) >= mask)
fn psnr(a, b) = -10 * log(mean((a - b)^2)) / log(10)  // decibels, white is 1

train fit on digits.train batch 64 epochs epochs {
  let s = spoil(x)
  minimize sum((x - dec(enc(s)))^2) over (enc, dec) with adam(lr = cosine(lr, 0))
}
train field on ring.train batch 100 steps 4000 {
  let s = p + near * normal_noise(p)
  minimize sum((p - back(s))^2) over back with adam(lr = cosine(3e-3, 0))
}
eval test on digits.test batch 120 {
  let s = spoil(x)
  report psnr(s, x) as psnr_in, psnr(dec(enc(s)), x) as psnr_out
  report psnr(dec(enc(s)), x) - psnr(s, x) as gain, linear_probe(enc(x), y) as probe
}
eval circle on ring.test batch 100 {
  let s = p + near * normal_noise(p)
  let step = back(s) - s
  let to = s / norm(s) - s  // the nearest point of the circle
  report dot(step, to) / (norm(step) * norm(to)) as cosine
}
sample pictures on digits.test count 16 {
  let s = spoil(x)
  emit s as input, dec(enc(s)) as output
}
