// Two data sets in one phase: each in an order of its own, passes counted by the first, the second
// from the front again where it is shorter; the last short batch of an evaluation has as many rows of
// both as are left of the first. 1 to 30 beside 100 to 700; figures from tools/values.py.
data a from csv("parts/thirty.csv", split = 1.0) { x: f32 }
data b from csv("parts/seven.csv", split = 1.0) { x: f32 }
state n: f32 = zeros()
state first: f32 = zeros()
state second: f32 = zeros()
state square: f32 = zeros()
state twice: f32 = zeros()
param w: f32 = zeros()
net scaled(x: f32) -> f32 = x / 100

train fit on (a.train, b.train) batch 5 epochs 2 {
  n <- n + 1
  first <- first + batch_mean(a.x) / 12
  second <- second + batch_mean(b.x) / 12
  square <- square + batch_mean(float(b.x % 100 == 0) * float(b.x >= 100) * float(b.x <= 700)) / 12
  minimize (w - scaled(b.x) - 0 * a.x)^2 over w with sgd(lr = 0.1)
  track b.x as seen
}
train pairs on (b.train, a.train) batch 2 epochs 3 {
  repeat 2 { twice <- twice + batch_mean(a.x + 1000 * float(b.x >= 100)) }
}
eval whole on a.train batch 8 {
  report n as steps
  report first as mean_of_first
  report square as rows_of_second
  report second as mean_of_second
  report w as trained
  report twice as repeated
}
eval t on (a.train, b.train) batch 8 {
  report a.x as left
  report b.x as right
  report a.x * b.x as product
  report batch_mean(a.x) * batch_mean(b.x) as product_of_batches
}
sample s on (a.train, b.train) count 4 { emit concat(a.x, b.x) as table }

// fact: steps = 12
// fact: mean_of_first = 15.5
// fact: rows_of_second = 1
// fact: mean_of_second > 300
// fact: mean_of_second < 500
// fact: trained > 3
// fact: trained < 5
// 3 passes over 7 rows by two batches of 2: 4 steps of two turns, each adds 1000 and a mean of 1 to 30
// fact: repeated > 8012
// fact: repeated < 8240
// fact: left = 15.5
// fact: right = 383.333333
// fact: product = 6083.333333
// fact: product_of_batches = 6095
