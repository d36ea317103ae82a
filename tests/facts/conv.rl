// Convolution commutes with shifts around a torus, conv_transpose is its adjoint, a filter with one
// weight moves the image, groups keep channels apart, and windows hold what convolution sums.
data digits from uci_digits() { x: f32[64] in 0..1 }

param W: f32[4, 2, 3, 3] = normal(0, 0.3)
param G: f32[4, 1, 3, 3] = normal(0, 0.3)
param g: f32[4, 4, 4] = normal(0, 1)

fn image(x: f32[64]) -> f32[2, 8, 8] = concat(
  reshape(x, 1, 8, 8),
  reshape(1 - x, 1, 8, 8),
  over = 0
)
fn turn(x: f32[c, h, w]) = concat(x[:, :, 3:], x[:, :, 0:3], over = 2)
fn around(x: f32[2, 8, 8]) -> f32[4, 8, 8] = conv(circular_pad(x, 1), W)
fn same(x: f32[2, 8, 8]) -> f32[4, 8, 8] = conv(x, W, pad = "same")
fn strided(x: f32[2, 8, 8]) -> f32[4, 4, 4] = conv(x, W, stride = 2, pad = "same")
fn back(y: f32[4, 4, 4]) -> f32[2, 8, 8] = conv_transpose(y, W, stride = 2, pad = "same")
fn dilated(x: f32[2, 8, 8]) -> f32[4, 4, 4] = conv(x, W, dilation = 2)
fn grouped(x: f32[2, 8, 8]) -> f32[4, 6, 6] = conv(x, G, groups = 2)
fn summed(x: f32[2, 8, 8]) -> f32[4, 36] = einsum(
  "o k, k n -> o n",
  reshape(W, 4, 18),
  reshape(windows(x, size = 3), 18, 36)
)

eval test on digits.test batch 20 {
  report max(abs(strided(image(x)))) as size
  report max(abs(around(turn(image(x))) - turn(around(image(x))))) as equivariance
  report abs(dot(strided(image(x)), g) - dot(image(x), back(g))) as adjoint
  report max(abs(around(image(x))[:, 1:7, 1:7] - same(image(x))[:, 1:7, 1:7])) as inside
  report max(abs(grouped(image(x))[0:2] - conv(image(x)[0:1], G[0:2]))) as first_group
  report max(abs(grouped(image(x))[2:4] - conv(image(x)[1:2], G[2:4]))) as second_group
  report max(abs(reshape(conv(image(x), W), 4, 36) - summed(image(x)))) as columns
  report abs(
      sum(dilated(image(x))[0]) - sum(einsum("c a b, c a b -> c", W[0], corner_sums(image(x))))
    ) as dilation
  report max(abs(
      grad(halved, at = x)
      - 2 * reshape(back(strided(image(x)))[0] - back(strided(image(x)))[1], 64)
    )) as slope
  report max(abs(
      reshape(grad((w) => scored(image(x), w), at = W), 4, 2, 9) - by_filter(image(x))
    )) as filters
}
fn scored(x: f32[2, 8, 8], w: f32[4, 2, 3, 3]) -> f32 = dot(conv(x, w, stride = 2, pad = "same"), g)
fn by_filter(x: f32[2, 8, 8]) -> f32[4, 2, 9] = einsum(
  "o n, c k n -> o c k",
  reshape(g, 4, 16),
  reshape(windows(x, size = 3, stride = 2, pad = "same"), 2, 9, 16)
)
fn corner_sums(x: f32[2, 8, 8]) -> f32[2, 3, 3] =
  sum(sum(windows(x, size = 4), over = 3), over = 2) |> taps(x)
fn taps(t, x) = reshape(sum(sum(windows(x, size = 3, dilation = 2), over = 3), over = 2), 2, 3, 3)
fn halved(x: f32[64]) -> f32 = sum(strided(image(x))^2)

// fact: size > 0.5
// fact: equivariance < 1e-5
// fact: adjoint < 1e-4
// fact: inside < 1e-5
// fact: first_group < 1e-5
// fact: second_group < 1e-5
// fact: columns < 1e-5
// fact: dilation < 1e-4
// fact: filters < 1e-4
// fact: slope < 1e-4
