// Pooling, upsampling, whole-pixel moves and the k largest, against slices.
data digits from uci_digits() { x: f32[64] in 0..1 }

fn image(x: f32[64]) -> f32[1, 8, 8] = reshape(x, 1, 8, 8)
fn largest(u: f32[1, 8, 8]) -> f32[1, 4, 4] = max_pool(u, 2)
fn sliced(u: f32[1, 8, 8]) -> f32[1, 4, 2, 4, 2] = reshape(u, 1, 4, 2, 4, 2)
fn overlapping(u: f32[1, 8, 8]) -> f32[1, 3, 3] = avg_pool(u, 3, stride = 2)
fn kept(x: f32[64]) -> f32[64] = top_k(x + iota(64) / 1000, 5)

eval test on digits.test batch 20 {
  report max(abs(largest(image(x)) - max(sliced(image(x)), over = (2, 4)))) as largest
  report max(abs(avg_pool(image(x)) - mean(sliced(image(x)), over = (2, 4)))) as means
  report abs(overlapping(image(x))[0, 1, 1] - mean(image(x)[0, 2:5, 2:5])) as overlapping
  report max(abs(max_pool(upsample(image(x), 3), 3) - image(x))) as upsampled
  report max(abs(translate(image(x)[0], 2, -1)[2:8, 0:7] - image(x)[0, 0:6, 1:8])) as moved
  report sum(translate(image(x)[0], 2, -1)[0:2]) as came_in
  report abs(sum(float(kept(x) > 0)) - 5) as exactly_k
  report max(abs(kept(x) - max(kept(x), 0))) as nonnegative
  report max(x + iota(64) / 1000 - kept(x))
    - min(kept(x) + 10 * float(kept(x) == 0)) as smaller_left_out
  report max(abs(sum(jacobian(kept, at = x), over = 1) - float(kept(x) > 0))) as slope
}

// fact: largest < 1e-6
// fact: means < 1e-6
// fact: overlapping < 1e-6
// fact: upsampled < 1e-6
// fact: moved < 1e-6
// fact: came_in < 1e-6
// fact: exactly_k < 1e-6
// fact: nonnegative < 1e-6
// fact: smaller_left_out < 1e-6
// fact: slope < 1e-6
