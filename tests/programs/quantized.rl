// VQ-VAE-2 (Razavi et al. 2019): two levels of codes, straight-through, commitment, and codebooks that
// follow averages of what they quantize. Values and one step at fixed weights are those of PyTorch.
dim M = 2, K = 4
data d from csv("rows.csv", split = 1.0) { a: f32, b: f32, c: f32, y: f32 }

fn wave(n, s) = 0.5 * sin(s + 1.7 * iota(n))
param E1: f32[4, M] = reshape(wave(8, 1), 4, M)
param E2: f32[M, M] = reshape(wave(4, 2), M, M)
param D2: f32[M, M] = reshape(wave(4, 3), M, M)
param D1: f32[2 * M, 4] = reshape(wave(16, 4), 2 * M, 4)
param low: f32[K, M] = reshape(wave(8, 5), K, M)
param high: f32[K, M] = reshape(wave(8, 6), K, M)
state count: f32[K] = ones()
state total: f32[K, M] = zeros()

fn nearest(z: f32[M], book: f32[K, M]) = argmax(-sum((book - expand(z, over = K))^2, over = 1))
fn row(a: f32, b: f32, c: f32, y: f32) = concat(a, b, c, y)
fn below(x: f32[4]) -> f32[M] = tanh(x @ E1)
fn above(x: f32[4]) -> f32[M] = tanh(below(x) @ E2)
fn coded(z: f32[M], book: f32[K, M]) -> f32[M] = stop(book)[nearest(z, book)]
fn up(x: f32[4]) -> f32[M] = straight_through(above(x), coded(above(x), high))
fn bottom(x: f32[4]) -> f32[M] = below(x) + up(x) @ D2
fn down(x: f32[4]) -> f32[M] = straight_through(bottom(x), coded(bottom(x), low))
fn commit(z: f32[M], book: f32[K, M]) = sum((z - stop(coded(z, book)))^2)
fn rebuilt(x: f32[4]) -> f32 = sum((x - concat(up(x), down(x)) @ D1)^2)
loss total_loss = rebuilt(row(a, b, c, y)) + 0.25 * (commit(above(row(a, b, c, y)), high) + commit(bottom(row(a, b, c, y)), low))

eval start on d.train batch 16 { report rebuilt(row(a, b, c, y)) as rebuilt, total_loss }
train one on d.train batch 16 steps 1 {
  let at = one_hot(nearest(bottom(row(a, b, c, y)), low), K)
  count <- 0.9 * count + 0.1 * 16 * batch_mean(at)
  total <- 0.9 * (total + low) + 0.1 * 16 * batch_mean(einsum("k, m -> k m", at, bottom(row(a, b, c, y))))
  minimize total_loss over (E1, E2, D1, D2) with sgd(lr = 0.1)
  low <- total / spread(count, total, over = 1)
}
eval after on d.train batch 16 {
  report E1[0, 0] as E1_0, E1[3, 1] as E1_7, E2[0, 1] as E2_1, D2[1, 0] as D2_2, D1[1, 2] as D1_6
  report sum(count) as counts, low[0, 0] as low_0, low[2, 1] as low_5, total_loss as loss_after
}
train fit on d.train batch 16 steps 300 { minimize total_loss over (E1, E2, D1, D2) with adam(lr = 0.01) }
eval end on d.train batch 16 { report rebuilt(row(a, b, c, y)) / 0.5 as left }

// by tools/programs.py
// fact: rebuilt = 2.4361519
// fact: total_loss = 2.4880535
// fact: E1_0 = 0.3721736
// fact: E1_7 = -0.0150498
// fact: E2_1 = -0.2167860
// fact: D2_2 = -0.0050130
// fact: D1_6 = 0.4779556
// fact: counts = 5.2000000
// fact: low_0 = -0.4787652
// fact: low_5 = 0.4446178
// fact: loss_after = 2.1221997
