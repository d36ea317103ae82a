// A table of which a step reads few rows moves like the same table in a product with one-hot vectors, whose
// gradient has all rows: to the last bit where a row is read once in a step, up to rounding where twice.
dim V = 40, D = 3
data d from one_hot(V, split = 1.0) { a: f32[V] }
param e: f32[V, D] = constant(0.5)
param f: f32[V, D] = constant(0.5)
param g: f32[V, D] = constant(0.5)
param h: f32[V, D] = constant(0.5)
param once: f32[V] = constant(0.25)
param u: f32[V, D] = constant(0.5)
param v: f32[V, D] = constant(0.5)
param w: f32[V, D] = constant(0.5)
param z: f32[V, D] = constant(0.5)
param all: f32[V] = constant(0.25)
const weights = 0.1 * cumsum(ones(V), over = 0)
// of the rows from 20 on the second number is 0
fn looked(t: f32[V, D], a: f32[V]) -> f32[D] = t[argmax(a)] + 0.5 * t[argmax(a[0:20])]
fn spelled(t: f32[V, D], a: f32[V]) -> f32[D] {
  let low = concat(a[0:20], zeros(20), over = 0)
  let first = concat(full(1 - sum(low), 1), zeros(V - 1), over = 0)
  return a @ t + 0.5 * (low + first) @ t
}
fn away(y: f32[D], a: f32[V]) -> f32 = sum((y - sum(a * weights))^2)

train both on d.train batch 4 epochs 3 {
  minimize away(looked(e, a), a) over e with sgd(lr = 0.1)
  minimize away(looked(f, a), a) over f with adagrad(lr = 0.1)
  minimize away(looked(g, a), a) over g with sparse_adam(lr = 0.1)
  minimize away(looked(h, a), a) over h with adam(lr = 0.1)
  minimize (once[argmax(a)] - sum(a * weights))^2 over once with sgd(lr = 0.1)
  minimize away(spelled(u, a), a) over u with sgd(lr = 0.1)
  minimize away(spelled(v, a), a) over v with adagrad(lr = 0.1)
  minimize away(spelled(w, a), a) over w with sparse_adam(lr = 0.1)
  minimize away(spelled(z, a), a) over z with adam(lr = 0.1)
  minimize (a @ all - sum(a * weights))^2 over all with sgd(lr = 0.1)
}
eval far on d.train batch 8 {
  report max(abs(e - u)) as by_sgd,
    max(abs(f - v)) as by_adagrad,
    max(abs(g - w)) as by_sparse_adam,
    max(abs(h - z)) as by_adam,
    max(abs(once - all)) as of_numbers,
    max(abs(e - 0.5)) as moved
}

// fact: by_sgd < 1e-6
// fact: by_adagrad < 1e-6
// fact: by_sparse_adam < 1e-5
// fact: by_adam < 1e-5
// fact: of_numbers == 0
// fact: moved > 1
