// Sums of rows by number are products with one-hot vectors: for every example, in a map, in a loop, in slopes; and
// layers over the nodes of a graph are those with its matrix.
data d from uniform(40, 12, low = -1, split = 1.0) { x: f32[12] }
const from = int(concat(0, 1, 2, 3, 0, 2))
const to = int(concat(1, 2, 0, 2, 1, 4))
// Edges from each node to itself: a layer then sees this node only.
const own = int(concat(0, 1, 2, 3, 4, 4))
// numbers that differ between examples
fn numbers(x: f32[12]) -> idx(5)[6] = map((v) => clip(int(2.4 * (v + 1)), 0, 4), x[0:6])
fn hot(at: idx(5)[6]) -> f32[6, 5] = map((i) => one_hot(i, 5), at)
fn rows(x: f32[12]) -> f32[6, 2] = reshape(x, 6, 2)
fn far(a: f32[...s], b: f32[...s]) -> f32 = max(abs(a - b))

const link = einsum(
  "e i, e j -> i j",
  map((i) => one_hot(i, 5), to),
  map((i) => one_hot(i, 5), from)
)
const degree = sum(link, over = 1)
const root = 1 / sqrt(degree + 1)
net graph(h: f32[5, 3], a: idx(5)[6], b: idx(5)[6]) -> f32[5, 2] = GCN(2)(h, a, b)
net sage(h: f32[5, 3]) -> f32[5, 2] = SAGE(2)(h, from, to)
net attends(h: f32[5, 3]) -> f32[5, 4] = GAT(2, heads = 2)(h, from, to)
// by matrices, where an edge that stands twice counts twice
fn dense(v: f32[5, 3], give: f32[5], take: f32[5]) -> f32[5, 3] {
  let scores = leaky_relu(expand(give, over = 5) + expand(take, over = 5).T, 0.2)
  let top = spread(max(scores, over = 1), scores, over = 1)
  let shares = (link + eye(5)) * exp(scores - top)
  return (shares @ v) / spread(sum(shares, over = 1), v, over = 1)
}
fn node(x: f32[12]) -> f32[5, 3] = reshape(concat(x, x[0:3]), 5, 3)

train none on d.train batch 4 steps 3 {
  minimize sum(graph(node(x), from, to)^2) + sum(sage(node(x))^2) + sum(attends(node(x))^2)
    over (graph, sage, attends)
    with sgd(lr = 0.1)
}
eval all on d.train batch 7 {
  let at = numbers(x)
  let sums = segment_sum(rows(x), at, 5)
  let right = einsum("e n, e k -> n k", hot(at), rows(x))
  report far(sums, right) as each
  report far(segment_sum(x[0:6], at, 5), hot(at).T @ x[0:6]) as of_numbers
  report far(segment_sum(rows(x), to, 5), einsum("e n, e k -> n k", hot(to), rows(x))) as fixed
  report far(segment_sum(ones(6), to, 5), degree) as degrees
  let turned = map((c) => segment_sum(c, at, 5), rows(x).T)
  report far(turned, right.T) as in_map
  let all = scan(s = zeros(5), c in rows(x).T) { return s + segment_sum(c, at, 5) }
  report far(last(all), sum(right, over = 1)) as in_scan
  let slope = grad((r) => sum(segment_sum(r, at, 5)^3), at = rows(x))
  let other = grad((r) => sum(einsum("e n, e k -> n k", hot(at), r)^3), at = rows(x))
  report far(slope, other) as slopes
  let h = node(x)
  let near = (link @ (h * expand(root, over = 3).T) + h * expand(root, over = 3).T)
  let mean = link @ h / expand(max(degree, 1), over = 3).T
  report far(neighbor_mean(h, from, to), mean) as means
  let v = reshape(concat(x, x, x[0:6]), 5, 2, 3)
  let give = 3 * reshape(x[0:10], 5, 2)
  let take = 3 * reshape(x[2:12], 5, 2)
  let heads = (give, take) => permute(graph_attention(v, give, take, from, to), 1, 0, 2)
  let by_matrices = (give, take) => map(dense, permute(v, 1, 0, 2), give.T, take.T)
  report far(heads(give, take), by_matrices(give, take)) as attention
  report far(heads(10 * give, take + 50), by_matrices(10 * give, take + 50)) as far_scores
  let bent = grad((g) => sum(heads(g, take)^2), at = give)
  report far(bent, grad((g) => sum(by_matrices(g, take)^2), at = give)) as slopes_of_attention
  let same = attends(expand(h[0], over = 5))
  report far(same, expand(same[0], over = 5)) as alike
  report far(graph(h, from, to), graph(near * expand(root, over = 3).T, own, own)) as gcn
}

// fact: each < 1e-6
// fact: of_numbers < 1e-6
// fact: fixed < 1e-6
// fact: degrees == 0
// fact: in_map < 1e-6
// fact: in_scan < 1e-6
// fact: slopes < 1e-5
// fact: means < 1e-6
// fact: gcn < 1e-5
// fact: attention < 1e-6
// fact: far_scores < 1e-5
// fact: slopes_of_attention < 1e-5
// fact: alike < 1e-6
