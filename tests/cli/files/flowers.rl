// Gaps, words, a decimal comma, grey levels and names that are numbers.
data d from csv("flowers.csv", missing = "mean", split = 1.0) {
  length: f32,
  id: int,
  kind: idx(3),
  grey: f32[1] in 0..1
}

encoder code(grey: f32[1]) -> f32[1] = grey |> Linear(1)

loss l = sum((code(grey) - length)^2)

train fit on d.train batch 5 steps 1 { minimize l over code with sgd(lr = 0.0) }
eval all on d.train batch 5 { report length, float(kind) as kind, grey[0] as grey }
