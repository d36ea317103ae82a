// aae.rl - adversarial autoencoder (Makhzani et al. 2016): in the place of a divergence, a critic that sees
// codes and draws of the prior pushes the codes to the prior.
use "mlp.rl" as mlp
dim D = 64, H = 256, Z = 8, C = 10, N = 360
config epochs: int = 60
config judging: int = 20
config lr: f32 = 1e-3

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(C) }
const judge = mlp.classifier(D = D)

encoder enc(x: f32[D]) -> f32[H] = x |> Linear(H) |> relu |> Linear(H) |> relu
bottleneck code(h: f32[H]) -> f32[Z] = h |> Linear(Z)
decoder dec(z: f32[Z]) -> f32[D] =
  z |> Linear(H) |> relu |> Linear(H) |> relu |> Linear(D) |> sigmoid
prior p(z) { z: f32[Z] ~ Normal(0, 1) }
net critic(z: f32[Z]) -> f32 = z |> Linear(H) |> relu |> Linear(H) |> relu |> Linear(1) |> sum

loss rec = sum((x - dec(code(enc(x))))^2)
loss told = E[z ~ p(z)](softplus(-critic(z))) + softplus(critic(code(enc(x))))
loss fooled = softplus(-critic(code(enc(x))))

train learn on digits.train batch 64 epochs judging {
  minimize cross_entropy(judge(x), y) over judge with adam(lr = cosine(1e-3, 0))
}
train fit on digits.train batch 64 epochs epochs {
  minimize rec over (enc, code, dec) with adam(lr = linear(lr, 0))
  minimize told over critic with adam(lr = linear(lr, 0), b1 = 0.5)
  minimize fooled over (enc, code) with adam(lr = linear(lr, 0), b1 = 0.5)
  track rec, told, fooled
}
eval test on digits.test batch N {
  let seen = E[z ~ p(z)](softmax(judge(dec(z))))
  report rec, max(seen) as sure, min(batch_mean(one_hot(argmax(seen), C))) as rarest
  let drawn = E[z ~ p(z)](z)
  let c = code(enc(x))
  report frechet(c, drawn) as apart
}
sample draws count 64 {
  z ~ p(z)
  emit dec(z) as image
}
