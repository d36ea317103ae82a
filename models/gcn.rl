// The clubs of all members from those of a few and from who knows whom: a graph convolutional network (Kipf and
// Welling 2017).
config nodes: int = 60
config H: int = 16
config epochs: int = 200
config lr: f32 in 1e-8..1 = 1e-2
data friends from csv("clubs.csv", split = 1) { from: idx(nodes), to: idx(nodes) }
data members from csv("members.csv", split = (0.2, 0, 0.8), seed = 1) {
  node: idx(nodes),
  club: idx(3)
}

// Edges go both ways.
const start = concat(friends.from, friends.to)
const end = concat(friends.to, friends.from)
net clubs() -> f32[nodes, 3] {
  let h = GCN(H)(eye(nodes), start, end) |> relu |> dropout(0.5)
  return GCN(3)(h, start, end)
}

loss nll = -log_softmax(clubs()[members.node])[members.club]
train fit on members.train batch 12 epochs epochs {
  minimize nll over clubs with adam(lr = lr)
  track nll
}
eval others on members.test { report mean(argmax(clubs()[node]) == club) as accuracy }
