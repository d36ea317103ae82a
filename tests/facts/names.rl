// What a phase names with `let` is what it names: the goal that is minimized depends on the weights
// behind it.
dim D = 64

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(10) }

param w: f32[D] = constant(0.5)
param v: f32[D] = constant(0.5)
param u: f32 = constant(1.0)

train named on digits.train batch 32 steps 20 {
  let e = w - x
  minimize sum(e^2) over w with sgd(lr = 0.1)
  minimize sum((v - x)^2) over v with sgd(lr = 0.1)
}

// A value that was named before its weight moved does not follow the weight: 1 - 0.5 * 1 * 2, where the
// square's slope at the new weight, 3, would give 1 - 0.5 * 6.
train moved on digits.train batch 32 steps 1 {
  let before = u
  u <- 3 * u
  minimize before * u over u with sgd(lr = 0.5)
}
eval test on digits.test {
  report if max(abs(w - 0.5)) > 0.1 then -1 else 1 as trained
  report max(abs(w - v)) as same
  report abs(u - 2.5) as moved
}

// fact: trained < 0
// fact: same < 1e-6
// fact: moved < 1e-6
