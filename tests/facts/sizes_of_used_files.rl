// Sizes, settings and constants of a file that is used without a name are known in types.
use "parts/sizes.rl"

data d from csv("parts/sizes.csv", split = 1.0) { k: idx(C), v: f32[C] in 0..1 }

fn f(x: f32[C]) -> f32 = sum(x) + 100 * C
fn free(x: f32[N]) -> f32 = sum(x) + 100 * N
fn several(x: f32[...s, C]) -> f32 = sum(x) + C
fn classes(i: idx(m), j: idx(C)) -> f32 = 10 * m + C
prior p(z) { z: idx(C) ~ Categorical(probs = full(1 / C, C)) }

eval e on d.train batch 3 {
  report f(v) as typed
  report free(concat(v, v)) as generic
  report several(concat(v, v) |> reshape(2, C)) as rest
  report classes(k, k) as both
  report cross_entropy(v * 0, k) as fit
  report sum(one_hot(k, C) * iota(C)) as index
  report E[z ~ p(z)](float(z)) as mean_index
}

// fact: typed = 301.16666
// fact: generic = 602.33333
// fact: rest = 5.33333
// fact: both = 33
// fact: fit = 1.098612
// fact: index = 1
// fact: mean_index = 1
