data d from uniform(11, 1, split = 1.0) { s: f32 }
module Mean()(z: f32) -> f32 { state m: f32 = zeros() m <- batch_mean(z) return z - m }
model q(v | s: f32) { v: f32 ~ Normal(s |> Mean(), 1) }
param w: f32 = ones()
train t on d.train batch 4 steps 3 {
  minimize w * last(scan(h = 0.0, t in 0..3) { return h + log q(v = h | s) }) over w with sgd()
}

// error: RL0120 6:59 a layer of `q` writes a state inside a loop
// help: carry the value in the `scan` instead
