// `stop` and derivatives in loops and in each other, a `let` in a repeat: closed forms of one step.
data d from uniform(10, 1, split = 1.0) { x: f32[1] }
param a: f32 = constant(2)
param b: f32 = constant(2)
param c: f32 = constant(2)
param e: f32 = constant(2)
param f: f32 = constant(0)
param g: f32 = constant(2)
param h: f32 = constant(2)
param i1: f32 = constant(2)
state st: f32 = constant(3)
fn zero(x: f32[1]) -> f32 = 0 * sum(x)
// nested loops, the inner start stopped: stop(a^2) a^2, slope 2 a^3 = 16
train one on d.train batch 10 steps 1 {
  minimize last(scan(z = 1 + zero(x), i in 0..2) { return last(scan(y = stop(z), j in 0..2) { return y * a }) }) over a with sgd(lr = 0.01)
}
// a stopped gradient: b stop(2 b^2), slope 8
train two on d.train batch 10 steps 1 {
  minimize b * stop(grad((z) => z^2 * b, at = b)) + zero(x) over b with sgd(lr = 0.1)
}
// `stop` inside of what is differentiated: the gradient is stop(c), slope 2
train three on d.train batch 10 steps 1 {
  minimize grad((z) => z * stop(z), at = c) * c + zero(x) over c with sgd(lr = 0.1)
}
// second derivatives in a loop: (1 - 0.6 e)^2, slope 0.24
train four on d.train batch 10 steps 1 {
  minimize last(scan(z = 1 + zero(x), i in 0..2) { return z - 0.1 * hessian((y) => e * y^3, at = z) }) over e with sgd(lr = 1)
}
// an enumerated draw in a loop: 3 sigmoid(f), slope 3/4
train five on d.train batch 10 steps 1 {
  minimize last(scan(z = zero(x), i in 0..3) { return z + E[n: bit ~ Bernoulli(logits = f)](n) }) over f with sgd(lr = 1)
}
// a `let` in a repeat, a state written between: slopes 2 g st with st = 7, then 9.9584
train six on d.train batch 5 steps 1 {
  repeat 2 {
    let v = g^2 + zero(x)
    st <- st + batch_mean(v)
    minimize v * st over g with sgd(lr = 0.01)
  }
}
// the point of a derivative is a weight: 3 h^3, slope 36
train seven on d.train batch 10 steps 1 {
  let gr = grad((z) => h * z^3, at = h) + zero(x)
  minimize gr over h with sgd(lr = 0.01)
}
// momentum 1/2: steps of 0.1 and 0.15
train eight on d.train batch 5 steps 2 {
  minimize i1 + zero(x) over i1 with sgd(lr = 0.1, momentum = 0.5)
}
eval t on d.train batch 10 { report a, b, c, e, f, g, h, i1, st }

// fact: a = 1.84
// fact: b = 1.2
// fact: c = 1.8
// fact: e = 1.76
// fact: f = -0.75
// fact: g = 1.377431
// fact: h = 1.64
// fact: i1 = 1.75
// fact: st = 9.9584
