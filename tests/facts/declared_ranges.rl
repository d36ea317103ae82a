// A declared range takes what is proven to lie in it: by its type, or by bounds of what is computed.
data d from uniform(8, 4, split = 1.0) { x: f32[4] }
model grey(v | m: f32) { v: f32 in 0..1 ~ Normal(m, 0.001) }
encoder seen(h | v: f32 in 0..1) { h: f32 ~ Normal(2 * v, 1) }
fn f(v: f32[4] in 0..1) -> f32 = sum(v)
fn tenth(v: f32 in 0..0.1) -> f32 = v
fn rest(v: f32[4]) -> f32[4] in 0..1 = 1 - sigmoid(v)
eval look on d.train batch 8 {
  report f(clip(3 + 0 * x, 0, 1)) as clipped, rest(0 * x)[0] as half, tenth(clip(1 + 0 * x[0], 0, 0.1)) as rounded
  report E[v ~ grey(v | m = 3)](mean(seen(h | v = clip(v, 0, 1)))) as back
}

// fact: clipped = 4
// fact: half = 0.5
// fact: rounded = 0.1
// fact: back = 2
