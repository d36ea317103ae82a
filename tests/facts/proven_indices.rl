// Indices that are brought into their dim, whatever they are made of, are proven to lie in it.
dim N = 5
data d from uniform(6, 2, split = 1.0) { x: f32[2] }
const table = float(iota(N))
fn any(x: f32[2]) -> int = int(100 * x[0] + 50)
fn high(x: f32[2]) -> idx(N) = clip(any(x), 0, N - 1)
fn low(x: f32[2]) = clip(-any(x), 0, 4)
eval e on d.train batch 6 {
  report table[high(x)] as four
  report table[low(x)] as zero
  report table[clip(any(x) + 1, 3, 3)] as three
  report table[max(min(any(x), int(2)), int(0))] as two
  report table[where(x[0] > 2, high(x), clip(any(x), 1, 1))] as one
  report table[concat(low(x), high(x))[1]] as last_of_two
  report float(last(scan(h = clip(any(x), -2, 2), t in 0..3) { return clip(h + t, 0, 2) })) as carried
}

// fact: four = 4
// fact: zero = 0
// fact: three = 3
// fact: two = 2
// fact: one = 1
// fact: last_of_two = 4
// fact: carried = 2
