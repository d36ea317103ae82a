// Sizes of a file that is used without a name are sizes, and no free names of dims.
use "parts/sizes.rl"
data d from uniform(20, 2) { u: f32[2] }
fn f(x: f32[C]) -> f32 = sum(x) + 100 * C
net g(x: f32[C + half]) -> f32[2] = x |> Linear(2)
eval e on d.train batch 4 {
  report f(u) as a
  report sum(g(u)) as b
}

// error: RL0103 7:12 argument `x` of `f` is `f32[C]`, given `f32[2]`
// help: make the dims agree: change a `dim`, the width of a layer, or `reshape`
// error: RL0103 8:16 argument `x` of `g` is `f32[C + half]`, given `f32[2]`
// help: make the dims agree: change a `dim`, the width of a layer, or `reshape`
