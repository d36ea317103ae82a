// sparse_kl.rl - sparse autoencoder with a target for the mean activity of each unit
// (Lee, Ekanadham and Ng 2008; Ng 2011).
dim D = 64, H = 128
config rho: f32 = 0.05
config beta: f32 = 3.0
config decay: f32 = 1e-4
config epochs: int = 100
config lr: f32 = 1e-3
config rows: int = 360  // of the test split: activities are means over all of them

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(10) }

bottleneck code(x: f32[D]) -> f32[H] = x |> Linear(H) |> sigmoid
decoder dec(h: f32[H]) -> f32[D] = h |> Linear(D) |> sigmoid

loss rec = sum((x - dec(code(x)))^2)
loss penalty = sum(bernoulli_kl(rho, batch_mean(code(x))))  // of the mean over the batch
loss sparse = rec + beta * penalty

train fit on digits.train batch 200 epochs epochs {
  minimize sparse over (code, dec) with adamw(lr = cosine(lr, 0), weight_decay = decay)
  track rec, penalty
}
eval test on digits.test batch rows {
  let activity = batch_mean(code(x))
  report rec, mean(activity) as activity, mean(float(abs(activity - rho) <= 0.02)) as on_target
  report linear_probe(code(x), y) as probe
}
