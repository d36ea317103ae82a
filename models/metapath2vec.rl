// Authors told from those that papers and venues lead to: walks along a path of kinds (Dong, Chawla and Swami 2017).
// A part of the authors' areas is seen, by a probe of their vectors.
config nodes: int = 219  // authors, papers and venues
config areas: int = 3
config D: int = 16
config batch: int = 32
config epochs: int = 2
config lr: f32 in 1e-8..1 = 0.025
data near from skipgrams(
  metapath(
    along = "author-paper-venue-paper-author",
    edges = ("author-paper: wrote.csv", "paper-venue: published.csv"),
    length = 21,
    per_node = 10
  ),
  window = 5,
  sample = 0
) { center: idx(nodes), context: idx(nodes), negatives: idx(nodes)[5] }
data people from csv("authors.csv", vocabulary = "near.center", split = (0.5, 0, 0.5)) {
  author: idx(nodes),
  area: idx(areas)
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
eval authors on people.test {
  report macro_f1(places[author], one_hot(area, areas)) as macro_f1
  report micro_f1(places[author], one_hot(area, areas)) as micro_f1
}
