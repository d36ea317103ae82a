// Nodes of a graph told from those that walks among nodes of like structure meet (struc2vec, Ribeiro, Saverese and
// Figueiredo 2017). Two cliques at the ends of a path: nodes of one role are alike, however far they stand.
config nodes: int = 30
config roles: int = 7
config D: int = 16
config batch: int = 32
config epochs: int = 2
config lr: f32 in 1e-8..1 = 0.025
data near from skipgrams(
  structure("barbell.csv", length = 40, per_node = 20),
  window = 5,
  sample = 0
) { center: idx(nodes), context: idx(nodes), negatives: idx(nodes)[5] }
data parts from csv("roles.csv", vocabulary = "near.center", split = (0.5, 0, 0.5)) {
  node: idx(nodes),
  role: idx(roles)
}

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

const who = parts.node
const which = one_hot(parts.role, roles)
fn distances(x: f32[n, d]) -> f32[n, n] {
  let squares = expand(sum(x^2, over = 1), over = n)
  return sqrt(max(squares + squares.T - 2 * x @ x.T, 0))
}
eval alike on parts.test {
  // The mean distance of nodes of one role, in parts of that of nodes of two.
  let far = distances(places[who])
  let same = which @ which.T
  report sum(same * far) / (sum(same) - nodes) * sum(1 - same) / sum((1 - same) * far) as within
  report linear_probe(places[node], role) as accuracy
}
