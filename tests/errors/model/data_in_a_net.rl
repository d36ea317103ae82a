data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(h: f32[64]) -> f32[64] = h + x
loss a = sum(f(x))
eval t on digits.test { report a }

// error: RL0101 2:36 nothing is called `x`
// help: data fields are visible in losses and phases; pass the field as an argument
// also: 1:33 a field of this name is here
