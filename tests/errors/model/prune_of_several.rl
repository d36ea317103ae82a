data d from uci_digits() { x: f32[64] in 0..1 }
bottleneck q(z, w | x: f32[64]) {
  z: f32[4] ~ Normal(x |> Linear(4), 1)
  w: f32[4] ~ Normal(z, 1)
}
prior p(z, w) {
  z: f32[4] ~ Normal(0, 1)
  w: f32[4] ~ Normal(0, 1)
}
train t on d.train batch 100 epochs 1 { prune q below 0.01 }

// error: RL0105 10:47 `prune` takes a bottleneck that draws one variable; `q` does not
// help: declare it over one: `bottleneck q(z | x: f32[D]) { z: f32[8] ~ Normal(...) }`
