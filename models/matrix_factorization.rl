// Ratings by the product of a user's vector and an item's, beside a level of each (Koren, Bell and Volinsky 2009).
// A step changes the rows that it read. MovieLens: `--data ratings=csv:u.data --set users=944 --set items=1683`.
config users: int = 400
config items: int = 200
config D: int = 4
config n: int = 60000
config noise: f32 = 0.5  // of the ratings that are made up: what nobody can foretell
config batch: int = 64
config epochs: int = 20
config lr: f32 in 1e-8..10 = 0.05
config decay: f32 = 0.02
data ratings from ratings(
  n = n,
  users = users,
  items = items,
  rank = 4,
  noise = noise,
  split = 0.9
) { user: idx(users), item: idx(items), rating: f32 }

param level: f32 = zeros()
param level_of_user: f32[users] = zeros()
param level_of_item: f32[items] = zeros()
param U: f32[users, D] = normal(0, 0.1)
param I: f32[items, D] = normal(0, 0.1)

fn foretold(user: idx(users), item: idx(items)) =
  level + level_of_user[user] + level_of_item[item] + dot(U[user], I[item])
fn size(user: idx(users), item: idx(items)) =
    level_of_user[user]^2 + level_of_item[item]^2 + frob2(U[user]) + frob2(I[item])
loss off = (foretold(user, item) - rating)^2 + decay * size(user, item)

train fit on ratings.train batch batch epochs epochs {
  minimize off
    over (level, level_of_user, level_of_item, U, I)
    with adagrad(lr = linear(10 * lr, 0))
  track off
}
eval test on ratings.test {
  report mean((foretold(user, item) - rating)^2) as square
}
