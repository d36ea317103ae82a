// Who knows whom, from a code of every member: the variational graph autoencoder (Kipf and Welling 2016). Some
// friendships are kept back, and told from pairs of members that are drawn.
config nodes: int = 60
config H: int = 32
config Z: int = 16
config epochs: int = 100
config beta: f32 = 0.05
config lr: f32 in 1e-8..1 = 1e-2
data friends from csv("clubs.csv", split = (0.85, 0, 0.15), seed = 1) {
  from: idx(nodes),
  to: idx(nodes)
}

// Edges go both ways.
const start = concat(friends.train.from, friends.train.to)
const end = concat(friends.train.to, friends.train.from)
prior p(z) { z: f32[nodes, Z] ~ Normal(0, 1) }
model q(z) {
  let h = GCN(H)(eye(nodes), start, end) |> relu
  z: f32[nodes, Z] ~ Normal(GCN(Z)(h, start, end), exp(0.5 * GCN(Z)(h, start, end)))
}
fn friendly(z: f32[nodes, Z], a: idx(nodes), b: idx(nodes)) = dot(z[a], z[b])
// a member by chance
fn anyone(like) -> idx(nodes) = int(min(floor(uniform_noise(like) * nodes), nodes - 1))

train fit on friends.train batch 32 epochs epochs {
  let z = E[z ~ q](z)
  minimize softplus(-friendly(z, from, to))
    + softplus(friendly(z, from, anyone(float(from))))
    + beta * KL(q || p) / nodes
    over q
    with adam(lr = lr)
}

// The chance that two friends that were kept back are told before two strangers: the area under the ROC curve.
const there = concat(friends.from, friends.to)
const back = concat(friends.to, friends.from)
fn strangers(a: idx(nodes), b: idx(nodes)) -> f32 = float(
  sum(float(there == a) * float(back == b)) == 0
)
eval test on friends.test batch 1000 {
  let z = mean(q)
  let a = map((k) => anyone(float(k)), iota(100))
  let b = map((k) => anyone(float(k)), iota(100))
  let fair = map((a, b) => strangers(a, b), a, b)
  let told = map((a, b) => float(friendly(z, from, to) > friendly(z, a, b)), a, b)
  report batch_mean(sum(fair * told)) / batch_mean(sum(fair)) as auc
}
