// Steps and rows are counted by the split, also where no value of the data is read: 100 rows are five
// batches of 20, two epochs are ten steps.
data d from uniform(100, 1, split = 1.0) { x: f32[1] }
param w: f32 = zeros()

train fit on d.train batch 20 epochs 2 { w <- w + 1 }
eval t on d.train batch 40 { report w, sum(batch(w)) as rows }

// fact: w = 10
// (40 * 400 + 40 * 400 + 20 * 200) / 100
// fact: rows = 360
