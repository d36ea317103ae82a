data d from uci_digits() { x: f32[64] in 0..1 }
bottleneck code(x: f32[64]) -> f32[4] = x |> Linear(4)
train t on d.train batch 100 epochs 1 { prune code below 0.01 }

// error: RL0105 3:47 `prune` takes a bottleneck with a prior; `code` is a function
// help: declare `bottleneck q(z | x: f32[D]) { ... }` and `prior p(z) { ... }`
