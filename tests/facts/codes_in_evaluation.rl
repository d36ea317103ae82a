// What a report says of a bottleneck is that of evaluation, also where a train phase calls it last.
data d from uniform(40, 3, split = 1.0) { x: f32[3] }
module Mode()(z: f32[2]) -> f32[2] {
  state m: f32 = zeros()
  m <- m + 1
  return if training() then 0 * z else z
}
encoder enc(x: f32[3]) -> f32[3] = x |> Linear(3)
bottleneck code(h: f32[3]) -> f32[2] = h |> Linear(2) |> Mode()
decoder dec(z: f32[2]) -> f32[3] = z |> Linear(3)
loss l = sum((dec(code(enc(x))) - x)^2)
eval before on d.train batch 40 { report l }
train t on d.train batch 4 steps 3 { minimize l over (enc, code, dec) with sgd(lr = 0.01) }

// fact: code.active_fraction = 1
