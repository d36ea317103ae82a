// The number of rows is that of the batch at hand wherever it is asked: in a loss, in a density, in a
// short last batch. 1030 rows: 824 to train, 103 to test.
data d from uniform(1030, 1) { x: f32[1] }
param w: f32 = ones()

net f(x: f32[1]) -> f32[3] = x |> Linear(3)
fn gram(a: f32[n, 3]) -> f32 = mean(spread(sum(a^2, over = 1), a @ a.T, over = 1))
fn sized(a: f32[B, 3]) -> f32 = sum(a) / B
loss spreading = gram(batch(f(x)))
loss shaped = sum(reshape(batch(f(x)), -1)^2) / (3 * B)
loss first = f(batch(x)[0])[0]^2 + sized(batch(f(x)))
loss rows = B + 0 * x[0]

// Four rows, each 1 with probability p = 0.7311: the square of their mean is p^2 + p (1 - p) / 4. The
// rows' draws depend on each other in it, so it is no sum over the values of one row.
bottleneck q(c | x: f32[1]) { c: bit ~ Bernoulli(logits = w + 0 * x[0]) }
loss together = E[c ~ q(c | x), samples = 20000](batch_mean(c)^2)

train fit on d.train batch 32 steps 1 {
  minimize spreading + shaped + first over f with sgd(lr = 0)
  track spreading - gram(batch(f(x))) as trained_gap
}
eval most on d.train batch 100 {
  report spreading - gram(batch(f(x))) as gram_gap,
    shaped - sum(reshape(batch(f(x)), -1)^2) / (3 * B) as shape_gap,
    first - f(batch(x)[0])[0]^2 - sized(batch(f(x))) as first_gap,
    rows
}
eval few on d.test batch 300 { report rows as all_rows }
eval joint on d.test batch 4 { report together }
// The gradient of the four rows' value: p (1 - p) (2 p + (1 - 2 p) / 4) = 0.2648.
train step on d.train batch 4 steps 1 { minimize together over w with sgd(lr = 1) }
eval moved on d.test batch 4 { report w + 0 * x[0] as w }

// fact: trained_gap = 0
// fact: gram_gap = 0
// fact: shape_gap = 0
// fact: first_gap = 0
// (8 * 100 * 100 + 24 * 24) / 824
// fact: rows = 97.786408
// fact: all_rows = 103
// fact: together > 0.57
// fact: together < 0.60
// fact: w > 0.71
// fact: w < 0.76
