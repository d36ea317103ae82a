// perceptron.rl - Rosenblatt's perceptron (1958, 1962): one threshold unit, no gradient. It learns to
// tell one class from the rest; on separable data it stops after finitely many mistakes.
dim D = 4, C = 3
config class: int = 0  // setosa, which a plane separates from the rest
config epochs: int = 20

data rows from iris() { x: f32[D], y: idx(C) }

param w: f32[D] = zeros()
param b: f32 = zeros()

fn activity(x: f32[D]) -> f32 = dot(w, x) + b
fn truth(y) = if y == class then 1 else -1
net unit(x: f32[D]) -> f32 = if activity(x) > 0 then 1 else -1

train fit on rows.train batch 1 epochs epochs {
  let miss = float(unit(x) != truth(y))
  w <- w + batch_mean(miss * truth(y) * x)
  b <- b + batch_mean(miss * truth(y))
  track miss
}
eval seen on rows.train batch 1 { report float(unit(x) != truth(y)) as train_error }
eval test on rows.test batch 1 { report float(unit(x) != truth(y)) as error }
