// Two names of one `over` may share weights, and two statements may name the same ones: each has an
// optimizer of its own. A name that adds nothing is one too many.
data d from uniform(n = 64, width = 2) { x: f32[2] }
net f(x: f32[2]) -> f32[2] = x |> Linear(2)
net g(x: f32[2]) -> f32[2] = x |> Linear(2)
net h(x: f32[2]) -> f32[2] = x |> Linear(2)
net left(x: f32[2]) -> f32[2] = f(x) + g(x)
net right(x: f32[2]) -> f32[2] = g(x) + h(x)
loss a = sum((left(x) - 1)^2) + sum((right(x) - 2)^2)
train one on d.train batch 8 steps 1 {
  minimize a over (left, right) with adam(lr = 1e-3)
  minimize a over (left, right) with adam(lr = 1e-3)
  minimize a over (f, f) with adam(lr = 1e-3)
  minimize a over (left, h, g) with adam(lr = 1e-3)
  minimize a over (g, right) with adam(lr = 1e-3)
}

// warning: RL0217 13:23 `f` names no weights that `f` does not
// help: remove `f`
// warning: RL0217 14:29 `g` names no weights that `left` does not
// help: remove `g`
// warning: RL0217 15:20 `g` names no weights that `right` does not
// help: remove `g`
