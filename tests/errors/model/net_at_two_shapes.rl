data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[...s, d]) -> f32[...s, 4] = x |> Linear(4)
loss a = sum(f(x)) + sum(f(reshape(x, 4, 16)))
train fit on digits.train batch 64 epochs 1 {
  minimize a over f with adam(lr = 1e-3)
}

// error: RL0112 2:47 weight `f.Linear_0.W` is `f32[64, 4]` in one call and `f32[16, 4]` in another
// help: a net has one set of weights; give every call the same shape, or use a `module`
