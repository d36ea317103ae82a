// SimCLR (Chen et al. 2020), Barlow Twins (Zbontar et al. 2021) and VICReg (Bardes et al. 2022): losses
// over a whole batch and one step on each are those of PyTorch. The two views of a row are two pairs
// of its columns.
data d from csv("rows.csv", split = 1.0) { a: f32, b: f32, c: f32, y: f32 }

fn wave(n, s) = 0.5 * sin(s + 1.7 * iota(n))
param W1: f32[2, 3] = reshape(wave(6, 1), 2, 3)
param W2: f32[2, 3] = reshape(wave(6, 1), 2, 3)
param W3: f32[2, 3] = reshape(wave(6, 1), 2, 3)
fn unit(z) = z / norm(z)
fn ways(p, q, n, t) {
  let all = concat(p, q, over = 0)
  let alike = all @ all.T / t - 1e9 * eye(2 * n)
  let pair = sum(p * q, over = 1) / t
  return mean(logsumexp(alike, over = 1)) - mean(pair)
}
fn standard(z) = (z - spread(mean(z, over = 0), z, over = 0)) / spread(sqrt(mean(z^2, over = 0) - mean(z, over = 0)^2), z, over = 0)
fn twins(p, q, n, k) {
  let cross = standard(p).T @ standard(q) / n
  return sum(eye(k) * (cross - 1)^2) + 0.1 * sum((1 - eye(k)) * cross^2)
}
fn middle(z) = z - spread(mean(z, over = 0), z, over = 0)
fn alive(z, n) = mean(relu(1 - sqrt(sum(middle(z)^2, over = 0) / (n - 1) + 1e-4)))
fn apart(z, n, k) = sum((1 - eye(k)) * (middle(z).T @ middle(z) / (n - 1))^2) / k
fn vic(p, q, n, k) = 25 * mean((p - q)^2) + 25 * (alive(p, n) + alive(q, n)) + apart(p, n, k) + apart(q, n, k)

fn simclr(a, b, c, y, n) = ways(batch(unit(concat(a, b) @ W1)), batch(unit(concat(c, y) @ W1)), n, 0.5)
fn barlow(a, b, c, y) = twins(batch(concat(a, b) @ W2), batch(concat(c, y) @ W2), 16, 3)
fn vicreg(a, b, c, y) = vic(batch(concat(a, b) @ W3), batch(concat(c, y) @ W3), 16, 3)

eval start on d.train batch 16 { report simclr(a, b, c, y, 16) as simclr, barlow(a, b, c, y) as barlow, vicreg(a, b, c, y) as vicreg }
train one on d.train batch 16 steps 1 {
  minimize simclr(a, b, c, y, 16) over W1 with sgd(lr = 0.5)
  minimize barlow(a, b, c, y) over W2 with sgd(lr = 0.1)
  minimize vicreg(a, b, c, y) over W3 with sgd(lr = 0.01)
}
eval after on d.train batch 16 {
  report W1[0, 0] as W1_0, W1[1, 2] as W1_5, W2[0, 0] as W2_0, W2[1, 2] as W2_5, W3[0, 0] as W3_0, W3[1, 2] as W3_5
}

// by tools/programs.py
// fact: simclr = 3.9655172
// fact: barlow = 3.0179125
// fact: vicreg = 38.3489373
// fact: W1_0 = 0.3830072
// fact: W1_5 = -0.0511148
// fact: W2_0 = 0.6066671
// fact: W2_5 = -0.4920219
// fact: W3_0 = 0.4612305
// fact: W3_5 = -0.0943013
