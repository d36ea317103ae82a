// Nodes of a graph told from those that walks meet near them (Grover and Leskovec 2016; p = q = 1 is DeepWalk,
// Perozzi et al. 2014). The clubs of the members are not seen in training.
config nodes: int = 60
config D: int = 16
config batch: int = 32
config epochs: int = 2
config lr: f32 in 1e-8..1 = 0.025
config back: f32 in 0.01..100 = 1
config away: f32 in 0.01..100 = 0.5
data near from skipgrams(
  walks("clubs.csv", p = back, q = away, length = 20, per_node = 10),
  window = 5,
  sample = 0
) { center: idx(nodes), context: idx(nodes), negatives: idx(nodes)[5] }
data members from csv("members.csv", split = (0.5, 0, 0.5)) { node: idx(nodes), club: idx(3) }

param places: f32[nodes, D] = uniform(-0.5 / D, 0.5 / D)
param others: f32[nodes, D] = zeros()

loss told {
  let place = places[center]
  let yes = sum(place * others[context])
  let no = others[negatives] @ place
  return softplus(-yes) + sum(softplus(no))
}
train fit on near.train batch batch epochs epochs {
  minimize batch * told over (places, others) with sgd(lr = linear(lr, lr / 100))
  track told
}
eval clubs on members.test { report linear_probe(places[node], club) as accuracy }
