// Categories as vectors (Guo and Berkhahn 2016): what a shop sells of an article on a day, by a net over the vector
// of each. What is sold is made up: the product of a few numbers that each shop, article and day has.
dim shops = 50, articles = 40, days = 7, D = 4, H = 64
config noise: f32 = 0.1
config epochs: int = 20
config lr: f32 in 1e-8..1 = 3e-3

data sales from uniform(40000, 4, split = 0.9) { u: f32[4] in 0..1 }
fn one_of(u: f32, n: int) -> idx(n) = int(clip(floor(u * n), 0, n - 1))

state of_shop: f32[shops, 2] = normal(0, 0.5)
state of_article: f32[articles, 2] = normal(0, 0.5)
state of_day: f32[days, 2] = normal(0, 0.5)
fn sold(u: f32[4]) -> f32 {
  let each = of_shop[one_of(u[0], shops)] + of_day[one_of(u[2], days)]
  return sum(exp(each) * of_article[one_of(u[1], articles)])
}
fn seen(u: f32[4]) = sold(u) + noise * normal_icdf(clip(u[3], 1e-6, 1 - 1e-6))

module Entity(n: int)(k: idx(n)) -> f32[D] {
  param table: f32[n, D] = normal(0, 0.5)
  return table[k]
}
net told(u: f32[4]) -> f32 =
  concat(
    Entity(shops)(one_of(u[0], shops)),
    Entity(articles)(one_of(u[1], articles)),
    Entity(days)(one_of(u[2], days))
  )
  |> Linear(H)
  |> relu
  |> Linear(H)
  |> relu
  |> Linear(1)
  |> sum
// Beside it: a number for every shop, article and day, added up.
net by_levels(u: f32[4]) -> f32 {
  param shop: f32[shops] = zeros()
  param article: f32[articles] = zeros()
  param day: f32[days] = zeros()
  return shop[one_of(u[0], shops)] + article[one_of(u[1], articles)] + day[one_of(u[2], days)]
}

train fit on sales.train batch 64 epochs epochs {
  minimize (told(u) - seen(u))^2 over told with adam(cosine(lr, 0))
  minimize (by_levels(u) - seen(u))^2 over by_levels with adam(cosine(lr, 0))
}
eval test on sales.test batch 4000 {
  report sqrt(batch_mean((told(u) - seen(u))^2)) as rmse
  report sqrt(batch_mean((by_levels(u) - seen(u))^2)) as rmse_of_levels
}
