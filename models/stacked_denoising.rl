// stacked_denoising.rl - three denoising autoencoders, each on the code of the one below, then the encoders
// as one classifier (Vincent et al. 2010). Rectifiers and dropout are of a later day.
dim D = 64, H = 128, C = 10
config mask: f32 = 0.25  // share of the pixels that are set to 0
config deep: f32 = 0.25  // the same of the codes
config drop: f32 = 0.3  // dropout while the classifier is tuned
config epochs: int = 20  // for each autoencoder
config tuning: int = 40
config lr: f32 = 1e-3

data digits from uci_digits() { x: f32[D] in 0..1, y: idx(C) }

fn spoil(x, share) = x * float(uniform_noise(x) >= share)

encoder enc1(x: f32[D]) -> f32[H] = x |> Linear(H) |> relu
encoder enc2(h: f32[H]) -> f32[H] = h |> Linear(H) |> relu
bottleneck enc3(h: f32[H]) -> f32[H] = h |> Linear(H) |> relu
net dec1(h: f32[H]) -> f32[D] = h |> Linear(D)
net dec2(h: f32[H]) -> f32[H] = h |> Linear(H) |> softplus
net dec3(h: f32[H]) -> f32[H] = h |> Linear(H) |> softplus
net top(h: f32[H]) -> f32[C] = h |> Linear(C)
net logits(x: f32[D]) -> f32[C] =
  x |> enc1 |> dropout(drop) |> enc2 |> dropout(drop) |> enc3 |> dropout(drop) |> top

train first on digits.train batch 100 epochs epochs {
  minimize binary_cross_entropy(dec1(enc1(spoil(x, mask))), x) over (enc1, dec1) with adam(lr = lr)
}
train second on digits.train batch 100 epochs epochs {
  let h = enc1(x)
  minimize sum((h - dec2(enc2(spoil(h, deep))))^2) over (enc2, dec2) with adam(lr = lr)
}
train third on digits.train batch 100 epochs epochs {
  let h = enc2(enc1(x))
  minimize sum((h - dec3(enc3(spoil(h, deep))))^2) over (enc3, dec3) with adam(lr = lr)
}
eval stack on digits.test batch 120 { report linear_probe(enc3(enc2(enc1(x))), y) as probe }
train tune on digits.train batch 100 epochs tuning {
  minimize cross_entropy(logits(x), y) over (enc1, enc2, enc3, top) with adam(lr = cosine(lr, 0))
}
eval test on digits.test batch 120 { report float(argmax(logits(x)) != y) as error }
