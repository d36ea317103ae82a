// Weights and states hold numbers: no gradient flows through an update or a `<-` to what the new value
// was computed from.
data d from uniform(10, 1, split = 1.0) { x: f32[1] }
param a: f32 = constant(1)
param b: f32 = constant(0)
param c: f32 = constant(1)
param e: f32 = constant(2)
param f: f32 = constant(1)
state s: f32 = zeros()
fn zero(x: f32[1]) -> f32 = 0 * sum(x)
loss dist = (a - b)^2 + zero(x)
// a: 1 -> 0.8; then b at a = 0.8 as a number: 0 + 0.1 * 2 * 0.8
train one on d.train batch 10 steps 1 {
  minimize dist over a with sgd(lr = 0.1)
  minimize dist over b with sgd(lr = 0.1)
}
// c does not depend on e once it is written
train two on d.train batch 10 steps 1 {
  c <- e^2
  minimize c + zero(x) over e with sgd(lr = 0.1)
}
// s = 3 is a number: slope 3
train three on d.train batch 10 steps 1 {
  s <- f * 3
  minimize s * f + zero(x) over f with sgd(lr = 0.1)
}
eval t on d.train batch 10 { report a, b, c, e, f, s }

// fact: a = 0.8
// fact: b = 0.16
// fact: c = 4
// fact: e = 2
// fact: f = 0.7
// fact: s = 3
