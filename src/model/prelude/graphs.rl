// graphs.rl - layers over the nodes of a graph. An edge leads from a node to a node; of edges that go both ways, both
// are given.

// what the edges bring to each node, on the mean; 0 where none comes
fn neighbor_mean(h: f32[n, d], from: idx(n)[e], to: idx(n)[e]) -> f32[n, d] {
  let degree = segment_sum(ones(e), to, n)
  return segment_sum(h[from], to, n) / expand(max(degree, 1), over = d).T
}

// each node and its neighbours, weighted by the roots of their degrees, a loop counted (Kipf and Welling 2017)
module GCN(k: int)(h: f32[n, d], from: idx(n)[e], to: idx(n)[e]) -> f32[n, k] {
  let degree = 1 + segment_sum(ones(e), to, n)
  let own = h / expand(sqrt(degree), over = d).T
  return (segment_sum(own[from], to, n) + own) / expand(sqrt(degree), over = d).T |> Linear(k)
}

// each node beside the mean of its neighbours (Hamilton, Ying and Leskovec 2017)
module SAGE(k: int)(h: f32[n, d], from: idx(n)[e], to: idx(n)[e]) -> f32[n, k] =
  Linear(k)(h) + Linear(k)(neighbor_mean(h, from, to))

// what each node gets of the values of its neighbours and its own, in shares of the exponentials of scores: for each
// head the sum of what the giver and the taker say. Scores count from their mean at a node, which changes no share
fn graph_attention(v: f32[n, heads, k], give: f32[n, heads], take: f32[n, heads], from: idx(n)[e], to: idx(n)[e], slope = 0.2) -> f32[n, heads, k] {
  let other = leaky_relu(give[from] + take[to], slope)
  let own = leaky_relu(give + take, slope)
  let degree = expand(1 + segment_sum(ones(e), to, n), over = heads).T
  let middle = stop((segment_sum(other, to, n) + own) / degree)
  let shares = exp(other - middle[to])
  let kept = exp(own - middle)
  let mixed = segment_sum(v[from] * spread(shares, v[from], over = 2), to, n) + v * spread(kept, v, over = 2)
  return mixed / spread(segment_sum(shares, to, n) + kept, v, over = 2)
}

// each node and its neighbours, weighted by attention of several heads side by side (Velickovic et al. 2018)
module GAT(k: int, heads: int = 1)(h: f32[n, d], from: idx(n)[e], to: idx(n)[e]) -> f32[n, heads * k] {
  param giver: f32[heads, k] = glorot()
  param taker: f32[heads, k] = glorot()
  param b: f32[heads * k] = zeros()
  param W: f32[d, heads * k] = glorot()
  let v = reshape(h @ W, n, heads, k)
  let give = sum(v * expand(giver, over = n), over = 2)
  let take = sum(v * expand(taker, over = n), over = 2)
  return reshape(graph_attention(v, give, take, from, to), n, heads * k) + expand(b, over = n)
}
