// seqgan.rl - a generator of strings, rewarded by a critic (Yu et al. 2017): tokens have no derivative, so
// its gradient is that of the score function. Of three tokens, every string can be counted.
dim V = 4, S = V * V * V, H = 64, N = 512
config steps: int = 2500
config lr: f32 = 5e-3
config heat: f32 = 0.1  // price of entropy at the start

data all from one_hot(S) { row: f32[S], k: idx(S) }
data draws from uniform(n = N, width = 1, split = 1.0) { u: f32[1] }

// the language: a token depends on those before it
model language(a, b, c) {
  a: idx(V) ~ Categorical(logits = sin(1 + 2 * iota(V)))
  b: idx(V) ~ Categorical(logits = 2 * sin(float(a) + 3 * iota(V)))
  c: idx(V) ~ Categorical(logits = 2 * sin(2 * float(b) - float(a) + 2 * iota(V)))
}
net second(a: idx(V)) -> f32[V] = one_hot(a, V) |> Linear(H) |> tanh |> Linear(V)
net third(a: idx(V), b: idx(V)) -> f32[V] =
  concat(one_hot(a, V), one_hot(b, V)) |> Linear(H) |> tanh |> Linear(V)
model writer(a, b, c) {
  param first: f32[V] = zeros()
  a: idx(V) ~ Categorical(logits = first)
  b: idx(V) ~ Categorical(logits = second(a))
  c: idx(V) ~ Categorical(logits = third(a, b))
}
module Layer()(x: f32[...]) -> f32[H] = x |> Linear(H) |> leaky_relu(0.2)
net critic(a: idx(V), b: idx(V), c: idx(V)) -> f32 =
  concat(one_hot(a, V), one_hot(b, V), one_hot(c, V)) |> Layer() |> Layer() |> Linear(1) |> sum

loss told =
  E[a ~ language(a, b, c), estimator = "score"](softplus(-critic(a, b, c)))
  + E[a ~ writer(a, b, c), estimator = "score"](softplus(critic(a, b, c)))
// less what a fair generator gets; the entropy keeps tokens alive until the critic knows what they are worth
loss reward = E[a ~ writer(a, b, c), estimator = "score"](
  sigmoid(critic(a, b, c)) - 0.5 - heat * (1 - progress()) * log writer(a = a, b = b, c = c)
)

train play on draws.train batch N steps steps {
  repeat 5 {
    minimize told over critic with adam(lr = lr, b1 = 0.5)
  }
  maximize reward over (writer, second, third) with adam(lr = linear(lr, 0), b1 = 0.5)
  track told, reward
}
fn digit(k, n) = int(floor(float(k) / V^n)) % V
eval test on all.test batch S {
  let (a, b, c) = (digit(k, 0), digit(k, 1), digit(k, 2))
  let p = exp(log language(a = a, b = b, c = c))
  let q = exp(log writer(a = a, b = b, c = c))
  report S * abs(p - q) / 2 as variation, S * q as total
}
sample strings count 20 {
  a ~ writer(a, b, c)
  emit spell(concat(a, b, c), "abcd") as text
}
