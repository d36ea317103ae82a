// BatchNorm: in training the batch has mean 0 and variance 1; outside, the running moments do it, one
// example at a time. GroupNorm and LayerNorm normalize each example. Dropout keeps the mean in
// training and is the identity outside.
data digits from uci_digits() { x: f32[64] in 0..1 }

param still: f32 = zeros()
net bn(x: f32[64]) -> f32[2, 8, 8] =
  concat(reshape(3 * x + 1, 1, 8, 8), reshape(5 - x, 1, 8, 8), over = 0) |> BatchNorm()
net gn(x: f32[64]) -> f32[4, 4, 4] = 3 * x + 1 |> reshape(4, 4, 4) |> GroupNorm(2)
net ln(x: f32[64]) -> f32[64] = 3 * x + 1 |> LayerNorm()
fn dropped(x: f32[64]) -> f32[64] = dropout(x, 0.5)

loss goal = mean(bn(x)) * still + still^2

train fit on digits.train batch 100 epochs 20 {
  minimize goal over still with sgd(lr = 0.1)
  track abs(mean(batch(bn(x))[:, 0])) as batch_mean0
  track abs(mean(batch(bn(x))[:, 1]^2) - 1) as batch_variance1
  track mean(dropped(x)) - mean(x) as dropout_bias
  track mean(abs(dropped(x) - x)) as dropout_acts
}
eval test on digits.train batch 479 {
  report mean(bn(x)[0]) as running_mean0
  report mean(bn(x)[1]) as running_mean1
  report mean(bn(x)[0]^2) - 1 as running_variance0
  report 1 - mean(bn(x)[1]^2) as running_variance1
  report max(abs(mean(reshape(gn(x), 2, 32), over = 1))) as group_mean
  report max(abs(mean(reshape(gn(x), 2, 32)^2, over = 1) - 1)) as group_variance
  report abs(mean(ln(x))) as layer_mean
  report max(abs(dropped(x) - x)) as dropout_off
}

// fact: batch_mean0 < 1e-4
// fact: batch_variance1 < 1e-3
// fact: dropout_bias < 0.02
// fact: dropout_bias > -0.02
// fact: dropout_acts > 0.1
// fact: running_mean0 < 0.02
// fact: running_mean0 > -0.02
// fact: running_mean1 < 0.02
// fact: running_mean1 > -0.02
// fact: running_variance0 < 0.03
// fact: running_variance0 > -0.03
// fact: running_variance1 < 0.03
// fact: running_variance1 > -0.03
// fact: group_mean < 1e-4
// fact: group_variance < 1e-3
// fact: layer_mean < 1e-4
// fact: dropout_off < 1e-9
