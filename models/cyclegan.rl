// cyclegan.rl - two kinds of images without pairs (Zhu et al. 2017): digits, and digits that lie on their
// side. A critic in each place, and the way there and back must end where it began.
use "mlp.rl" as mlp
dim S = 8, D = S * S, H = 256, C = 10
config lambda: f32 = 10.0
config epochs: int = 300
config judging: int = 40
config lr: f32 = 1e-3

// one half of the digits stands upright, the other lies: no image is in both
data digits from uci_digits(valid = 0.5) { x: f32[D] in 0..1, y: idx(C) }
data others from uci_digits(valid = 0.5) { w: f32[D] in 0..1, k: idx(C) }
const judge = mlp.classifier(D = D)

fn turned(x: f32[D]) -> f32[D] = reshape(x, S, S) |> flip(over = 0) |> permute(1, 0) |> flatten
fn back(x: f32[D]) -> f32[D] = reshape(x, S, S) |> permute(1, 0) |> flip(over = 0) |> flatten

// every pixel is a mean of pixels of the other image; which ones, is learnt
module Moved()(x: f32[D]) -> f32[D] {
  param W: f32[D, D] = normal(0, 0.01)
  return softmax(W) @ x
}
net F(x: f32[D]) -> f32[D] = x |> Moved()
net R(x: f32[D]) -> f32[D] = x |> Moved()
module Layer()(x: f32[D]) -> f32[H] = x |> Linear(H) |> leaky_relu(0.2) |> dropout(0.3)
module Critic()(x: f32[D]) -> f32 = x |> Layer() |> Linear(H) |> leaky_relu(0.2) |> Linear(1) |> sum
net lies(x: f32[D]) -> f32 = x |> Critic()
net stands(x: f32[D]) -> f32 = x |> Critic()

fn noisy(x: f32[D]) -> f32[D] = x + 0.3 * normal_noise(x)
fn told(critic, real, made) = (critic(noisy(real)) - 1)^2 + critic(noisy(made))^2
loss cycle = mean(abs(R(F(x)) - x)) + mean(abs(F(R(turned(w))) - turned(w)))

train learn on digits.train batch 64 epochs judging {
  minimize cross_entropy(judge(x), y) over judge with adam(lr = cosine(1e-3, 0))
}
train play on (digits.train, others.valid) batch 64 epochs epochs {
  minimize told(lies, turned(w), F(x)) over lies with adam(lr = linear(lr, 0), b1 = 0.5)
  minimize told(stands, x, R(turned(w))) over stands with adam(lr = linear(lr, 0), b1 = 0.5)
  minimize (lies(noisy(F(x))) - 1)^2 + (stands(noisy(R(turned(w)))) - 1)^2 + lambda * cycle
    over (F, R)
    with adam(lr = linear(10 * lr, 0), b1 = 0.5)
  track cycle
}
eval test on digits.test batch 120 {
  report accuracy(judge(x), y) as judge_on_data, accuracy(judge(back(F(x))), y) as kept
  report psnr(F(x), turned(x)) as psnr
}
sample pairs on digits.test count 32 { emit x as image, F(x) as made, R(F(x)) as again }
