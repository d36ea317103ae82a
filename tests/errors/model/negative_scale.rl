data digits from uci_digits(binarize = "fixed") { x: bit[64], y: idx(10) }
prior p(z) { z: f32[4] ~ Normal(0, -1) }
loss a = sum(float(x))
sample s count 3 { z ~ p(z)  emit z as table }

// error: RL0107 2:36 scale
