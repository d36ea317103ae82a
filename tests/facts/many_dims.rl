// More dims than any usual tensor has, of which no two can be walked as one: numbers of 17 bits beside the
// numbers with their bits reversed.
data d from uniform(8, 1) { x: f32[1] }
const bits = reshape(iota(131072) / 131072, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2)
fn reversed(w) = permute(w, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
eval e on d.train batch 2 {
  report mean(reversed(bits) * bits) + 0 * x[0] as product
  report mean(map((i) => map((j) => mean(reversed(bits + i * j) - bits), iota(2)), iota(3))) + 0 * x[0] as moved
}

// fact: product = 0.250012398
// the mean of i * j
// fact: moved = 0.5
