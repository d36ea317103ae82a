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
