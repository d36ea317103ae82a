// A layer of the text is one layer in every phase, also where a branch before it is taken in some only.
data d from uniform(40, 3, split = 1.0) { x: f32[3] }
fn inner(x: f32[3]) -> f32[3] = x |> Linear(3)
net f(x: f32[3]) -> f32[3] = (if training() then 0 * (x |> Linear(3)) else x) |> Linear(3)
net g(x: f32[3]) -> f32[3] = (if B > 4 then inner(x) else x) |> Linear(3)
net h(x: f32[3]) -> f32[3] = if training() then (x |> Linear(3)) else (x |> tanh |> Linear(3))
net k(x: f32[3]) -> f32[4] =
  (if B > 4 then (x |> chain(i in 0..2) { Linear(3) }) else x) |> Linear(4)
loss l = sum((f(0 * x) - 5)^2) + sum((g(0 * x) - 5)^2) + sum((h(0 * x) - 5)^2) + sum((k(0 * x) - 5)^2)
train t on d.train batch 4 steps 200 { minimize l over (f, g, h, k) with sgd(lr = 0.1) }
eval small on d.train batch 4 { report sum((g(0 * x) - 5)^2) as g_small }
// First values of biases are 0, so the inner layers, which did not train, give 0 here.
eval large on d.train batch 8 {
  report sum((f(0 * x) - 5)^2) as f_large, sum((g(0 * x) - 5)^2) as g_large
  report sum((k(0 * x) - 5)^2) as k_large, sum(h(0 * x)^2) as untrained
}

// fact: g_small < 1e-6
// fact: f_large < 1e-6
// fact: g_large < 1e-6
// fact: k_large < 1e-6
// fact: untrained = 0
