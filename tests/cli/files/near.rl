data near from skipgrams(walks("friends.csv", length = 6, per_node = 5), window = 2, sample = 0) {
  center: idx(4),
  context: idx(4),
  negatives: idx(4)[2]
}
data people from csv("people.csv", vocabulary = "near.center", missing = "drop", split = 1) {
  who: idx(4),
  age: f32
}
param places: f32[4, 2] = normal(0, 0.1)
train fit on near.train batch 4 epochs 1 {
  minimize softplus(-places[center] @ places[context]) over places with sgd(lr = 0.1)
}
eval known on people.train { report float(who) as number, age }
