const c = missing_thing
data digits from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
net f(x: f32[64]) -> f32[10] = x |> Linear(10)
net g(x: f32[64]) -> f32[10] = x |> Linear(9)
loss a = f(x)
loss b = sum(x) + nothing
loss d = sum(g(x))
eval t on digits.tset { report sum(x) }
train u on digits.train batch 3 { track sum(x) }

// error: RL0101 1:11 nothing is called `missing_thing`
// help: declare it: `dim`, `config`, `const`, `param`, `net`, `fn`, or a field of `data`
// error: RL0113 5:10 loss `a` is `f32[10]`, and must be one number per example
// help: reduce it with `sum(...)` or `mean(...)`
// error: RL0101 6:19 nothing is called `nothing`
// help: declare it: `dim`, `config`, `const`, `param`, `net`, `fn`, or a field of `data`
// error: RL0103 4:32 the result of `g` is `f32[10]`, given `f32[9]`
// help: make the dims agree: change a `dim`, the width of a layer, or `reshape`
// also: 4:22 declared here
// error: RL0126 8:18 a data set has no split `tset`
// help: splits are train, valid and test
// error: RL0126 9:7 train phase `u` does not say how long
// help: add `epochs 20` or `steps 1000`
