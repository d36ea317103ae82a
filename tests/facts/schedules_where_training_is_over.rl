// Where nothing is trained a schedule is at its end, whatever the batches; so is the figure that a train
// phase stops by.
data d from uniform(40, 4, split = 0.5) { x: f32[4] }
param w: f32 = constant(1)
fn price() = min(1, 2 * progress())
net shrunk(x: f32) = x * linear(1, 0.25)
loss priced = w^2 * price()
train t on d.train batch 5 epochs 6 until priced stalls 3 on d.test {
  minimize priced over w with sgd(lr = cosine(0.1, 0))
  track progress() as share, steps() as all
}
eval large on d.test batch 20 { report progress() as one, priced / w^2 as price, shrunk(1) as shrunk }
eval small on d.test batch 3 { report progress() as also_one, priced / w^2 as also_price }

// fact: one == 1
// fact: price == 1
// fact: shrunk == 0.25
// fact: also_one == 1
// fact: also_price == 1
// fact: all == 24
// fact: share > 0.5
// fact: share < 1
