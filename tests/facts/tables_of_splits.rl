// A constant holds the rows of one split of a data set, in the order of the source, whatever a phase runs on.
data g from one_hot(4) { a: f32[4] }
data d from uniform(30, 2, split = (0.6, 0.2, 0.2)) { x: f32[2] }
const all = d.x
const seen = d.train.x
const kept = d.valid.x
const left = d.test.x
const same = g.train.a
const part = d.valid
fn rows_of(set) = sum(set.x)
const by_name = rows_of(part) - rows_of(d.valid) + rows_of(d) - sum(all)
fn total(x: f32[n, 2]) = sum(x)
net f(x: f32[2]) -> f32[4] = x |> Linear(4)
// each row of a split is a row of all
fn found(part: f32[n, 2]) = min(map((r) => max(map((q) => float(sum(abs(q - r)) == 0), all)), part))

train fit on d.train batch 7 steps 2 {
  minimize sum(f(x)^2) + total(seen) over f with sgd(lr = 0.1)
  track total(seen) + total(kept) + total(left) - total(all) as trained
}
eval of_train on d.train batch 18 {
  report batch_mean(sum(x)) - total(seen) / 18 as seen
  report found(seen) * found(kept) * found(left) as found
}
eval of_valid on d.valid batch 6 { report batch_mean(sum(x)) - total(kept) / 6 as kept }
eval of_test on d.test batch 4 {
  report sum(x) - total(left) / 6 as left, sum(same) as same, by_name
  report total(all) - total(seen) - total(kept) - total(left) as nothing
}

// fact: trained < 1e-5
// fact: trained > -1e-5
// fact: seen = 0
// fact: kept = 0
// fact: left = 0
// fact: found = 1
// fact: same = 4
// fact: nothing = 0
// fact: by_name = 0
