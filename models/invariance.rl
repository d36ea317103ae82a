// invariance.rl - what a code still knows of a nuisance (Achille and Soatto 2018): digits are shifted at
// random, and linear probes read the shift from a noisy bottleneck's code and from a plain net's.
dim S = 8, H = 256, Z = 32, C = 10
config far: int = 1  // pixels of the shift, in every direction
config beta: f32 = 1e-2
config epochs: int = 100

data digits from uci_digits() { x: f32[S, S] in 0..1, y: idx(C) }

module Features()(x: f32[S, S]) -> f32[H] = x |> flatten |> Linear(H) |> relu |> Linear(H) |> relu
net noisy(x: f32[S, S]) -> f32[H] = x |> Features()
bottleneck q(z | x: f32[S, S]) {
  let h = noisy(x)
  z: f32[Z] ~ Normal(h |> Linear(Z), softplus((h |> Linear(Z)) - 5))
}
prior r(z) { z: f32[Z] ~ Normal(0, 1) }
decoder logits(z: f32[Z]) -> f32[C] = z |> Linear(C)

encoder plain(x: f32[S, S]) -> f32[Z] = x |> Features() |> Linear(Z)
net plain_logits(z: f32[Z]) -> f32[C] = z |> Linear(C)

net probe(z: f32[Z]) -> f32[2] = z |> Linear(2)
net plain_probe(z: f32[Z]) -> f32[2] = z |> Linear(2)
const spread_of_shift = (far + 0.0) * (far + 1) / 3  // variance of a uniform whole number in -far..far
fn explained(s, guess) = 1 - mean((s - guess)^2) / spread_of_shift

train fit on digits.train batch 100 epochs epochs {
  let v = translate(x, random_offset(x, far), random_offset(x, far))
  minimize E[z ~ q(z | x = v)](cross_entropy(logits(z), y)) + beta * KL(q(z | x = v) || r(z))
    over (noisy, q, logits)
    with adam(lr = cosine(1e-3, 0))
  minimize cross_entropy(plain_logits(plain(v)), y)
    over (plain, plain_logits)
    with adam(lr = cosine(1e-3, 0))
}
train probes on digits.train batch 100 epochs epochs {
  let dy = random_offset(x, far)
  let dx = random_offset(x, far)
  let s = concat(reshape(dy, 1), reshape(dx, 1))
  let v = translate(x, dy, dx)
  minimize -explained(s, probe(E[z ~ q(z | x = v)](stop(z))))
    over probe
    with adam(lr = cosine(1e-2, 0))
  minimize -explained(s, plain_probe(stop(plain(v))))
    over plain_probe
    with adam(lr = cosine(1e-2, 0))
}
eval test on digits.test batch 120 {
  let dy = random_offset(x, far)
  let dx = random_offset(x, far)
  let s = concat(reshape(dy, 1), reshape(dx, 1))
  let v = translate(x, dy, dx)
  report explained(s, probe(E[z ~ q(z | x = v)](z))) as r2,
    explained(s, plain_probe(plain(v))) as plain_r2
  report float(argmax(logits(mean(q(z | x = v)))) != y) as error,
    float(argmax(plain_logits(plain(v))) != y) as plain_error,
    KL(q(z | x = v) || r(z)) as rate
}
