data d from uci_digits(rows = 64) { x: f32[3] in 0..1 }
const all = d.x
param w: f32[3] = zeros()
train t on d.train batch 4 steps 1 { minimize sum((x - w)^2) + sum(all) over w with sgd(0.1) }

// error: RL2064 1:6 field `x` is declared with 3 values per row, the source has 64
