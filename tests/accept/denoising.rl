// Nothing to warn of: where the wide code is trained it sees a spoilt input; the probe sees the clean one.
data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
bottleneck code(x: f32[64]) -> f32[80] = x |> Linear(80) |> relu
decoder back(h: f32[80]) -> f32[64] = h |> Linear(64)

train fit on digits.train batch 64 epochs 1 {
  let spoilt = x + 0.5 * normal_noise(x)
  minimize sum((x - back(code(spoilt)))^2) over (code, back) with adam(lr = 1e-3)
}
eval test on digits.test batch 120 { report linear_probe(code(x), y) as probe }
