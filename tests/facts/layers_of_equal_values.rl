// What normalizes gives 0 where all values are equal, however large they are.
data d from uniform(60, 1, split = 1.0) { x: f32[1] }
param three: f32[3] = constant(1234567.1)
param six: f32[6] = constant(1234.567)
param seven: f32[7] = constant(12345.678)
net ln3(x: f32[3]) -> f32[3] = x |> LayerNorm()
net ln7(x: f32[7]) -> f32[7] = x |> LayerNorm()
net gn(x: f32[6]) -> f32[6] = x |> reshape(6, 1) |> GroupNorm(2) |> flatten
net bn(x: f32[4]) -> f32[4] = x |> BatchNorm()
param w: f32 = zeros()
train fit on d.train batch 30 steps 2 {
  minimize sum(bn(concat(three, x))) * w over w with sgd(lr = 0.1)
  track 1000 * bn(concat(three, x))[0] as bn
}
eval look on d.train batch 30 {
  report ln3(three)[0] as ln3, ln7(seven)[0] as ln7, gn(six)[0] as gn, three[0] - mean(three) as off
}

// fact: bn = 0
// fact: ln3 = 0
// fact: ln7 = 0
// fact: gn = 0
// fact: off == 0
