// Nodes of a graph told from those that walks meet near them (Grover and Leskovec 2016; p = q = 1 is DeepWalk,
// Perozzi et al. 2014). The clubs of the members, of which one may have several, are not seen in training.
config nodes: int = 60
config clubs: int = 3
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
data members from csv("members.csv", split = 1) { node: idx(nodes), club: idx(clubs) }
data all from indices(nodes, split = (0.5, 0, 0.5)) { at: idx(nodes) }

const who = members.node
const which = members.club
fn clubs_of(at: idx(nodes)) = segment_sum(one_hot(which, clubs), who, nodes)[at] > 0.5

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
eval told_clubs on all.test {
  report macro_f1(places[at], clubs_of(at)) as macro_f1
  report micro_f1(places[at], clubs_of(at)) as micro_f1
}
