// Codes of whole numbers that are computed: their number of values is what is proven of them.
data d from uniform(600, 2) { x: f32[2] }
bottleneck fsq(x: f32[2]) -> idx(7)[2] = int(clip(4 * x + 1, 0, 6))
bottleneck pair(x: f32[2]) -> idx(6) = argmax(concat(x, 0.0)) + 3 * argmax(x)
bottleneck open(x: f32[2]) -> i32 = 4 * int(1000 * x[0] - 500)
eval e on d.train batch 50 { report x[0] as l }

// fact: fsq.used == 4
// fact: fsq.perplexity > 3.9
// fact: pair.used == 2
// fact: pair.perplexity > 1.9
// fact: open.active == 1
// fact: open.active_fraction > 0.98
