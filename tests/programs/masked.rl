// A masked autoencoder (He et al. 2022): the encoder sees the patches that are left, the decoder says
// the hidden ones, and only these count. Rows are the sine of a phase at six places, so two patches
// tell the rest; hidden patches do not reach the code.
dim P = 6, M = 16
data d from uniform(512, 2, split = 1.0) { u: f32[2] }

fn patches(u: f32[2]) -> f32[P] = (0.5 + u[0]) * sin(2 * pi * u[1] + iota(P))
// the places by the order of noise; the first `n` are kept
fn order(r: f32[P]) = float(argsort(argsort(r)))
net enc(x: f32[P], seen: f32[P]) -> f32[M] = concat(x * seen, seen) |> Linear(32) |> relu |> Linear(M)
net dec(z: f32[M], seen: f32[P]) -> f32[P] = concat(z, seen) |> Linear(32) |> relu |> Linear(P)
fn missed(x: f32[P], seen: f32[P]) -> f32 = sum((1 - seen) * (dec(enc(x, seen), seen) - x)^2) / sum(1 - seen)
fn seen(u: f32[2]) = float(order(uniform_noise(iota(P)) + 0 * sum(u)) < 3)
fn leak(x: f32[P], s: f32[P]) = sum(abs(jacobian((x) => enc(x, s), at = x) * expand(1 - s, over = M)))

eval start on d.train batch 128 {
  let s = seen(u)
  report sum(s) as kept, s[0] as first, leak(patches(u), s) as leak
  report mean(patches(u)^2) as power
  report sum(abs(grad((x) => missed(x, s), at = patches(u)) * s)) as through
}
train fit on d.train batch 64 steps 800 { minimize missed(patches(u), seen(u)) over (enc, dec) with adam(lr = linear(5e-3, 0)) }
eval end on d.train batch 128 { report missed(patches(u), seen(u)) as left }

// fact: kept = 3
// fact: first > 0.4
// fact: first < 0.6
// fact: leak == 0
// fact: through > 0
// fact: left < 0.05
