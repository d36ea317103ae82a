// pix2pix.rl - from one kind of image to another by pairs (Isola et al. 2017): digits become digits that
// lie on their side. The critic sees the input beside the output; the L1 distance holds both together.
dim S = 8, D = S * S, H = 256, C = 10
config lambda: f32 = 100.0
config epochs: int = 60
config lr: f32 = 1e-3

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(C) }

fn turned(x: f32[D]) -> f32[D] = reshape(x, S, S) |> flip(over = 0) |> permute(1, 0) |> flatten

net G(x: f32[D]) -> f32[D] = x |> Linear(H) |> relu |> dropout(0.1) |> Linear(D) |> sigmoid
net critic(x: f32[D], y: f32[D]) -> f32 =
  concat(x, y) |> Linear(H) |> leaky_relu(0.2) |> Linear(H) |> leaky_relu(0.2) |> Linear(1) |> sum

loss told = softplus(-critic(x, turned(x))) + softplus(critic(x, G(x)))
loss fooled = softplus(-critic(x, G(x))) + lambda * mean(abs(turned(x) - G(x)))

train play on digits.train batch 64 epochs epochs {
  minimize told over critic with adam(lr = linear(lr, 0), b1 = 0.5)
  minimize fooled over G with adam(lr = linear(lr, 0), b1 = 0.5)
  track told, fooled
}
eval test on digits.test batch 120 {
  report psnr(G(x), turned(x)) as psnr, psnr(mean(turned(x)) + 0 * x, turned(x)) as grey
}
sample pairs on digits.test count 32 { emit x as image, G(x) as made, turned(x) as wanted }
