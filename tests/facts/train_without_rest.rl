// A train phase leaves the short last batch out: what fits its batches only is no mistake.
data d from uniform(11, 1, split = 1.0) { s: f32 }
param w: f32 = ones()
train t on d.train batch 4 steps 3 {
  let pairs = reshape(batch(s), 2, 2)
  minimize w + 0 * sum(pairs) over w with sgd(lr = 0.1)
}
eval e on d.train batch 11 { report w }

// fact: w = 0.7
