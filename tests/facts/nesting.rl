// Derivatives in loops, loops in derivatives, `stop` in loops, functions as values, states of layers:
// one step of gradient descent each, with the answer in closed form.
data d from uniform(10, 1, split = 1.0) { x: f32[1] }

param a: f32 = constant(1)
param b: f32 = constant(2)
param c: f32 = constant(2)
param e: f32 = constant(1)
param f: f32 = constant(1)
param g: f32 = constant(2)
param h: f32 = constant(1)
param k: f32[3] = constant(1)
param l: f32 = constant(1)
param m: f32 = constant(0)
param n: f32 = constant(2)

fn zero(x: f32[1]) -> f32 = 0 * sum(x)
fn apply(f, z: f32) -> f32 = f(z)
net line(z: f32) -> f32 { param w: f32 = constant(3) return w * z^2 }
net gate(z: f32) -> f32 { param w: f32 = constant(3) return w * z }

module Count()(z: f32) -> f32 {
  state seen: f32 = zeros()
  seen <- seen + 1
  return z + 0 * seen
}
module Peek()(z: f32) -> f32 {
  state seen: f32 = zeros()
  let before = seen
  seen <- seen + batch_mean(z)
  return before
}
net counted(z: f32) -> f32 = z |> Count()
net peeked(z: f32) -> f32 = z |> Peek()
state reads: f32 = zeros()

// three steps of descent on a z^2 from z = 1: (1 - 0.2 a)^3, slope -0.6 * 0.8^2 at a = 1
train unrolled on d.train batch 10 steps 1 {
  minimize last(scan(z = 1 + zero(x), i in 0..3) { return z - 0.1 * grad((y) => a * y^2, at = z) })
    over a with sgd(lr = 1)
}
// only the last factor is not stopped: b^3 with slope b^2 = 4
train stopped on d.train batch 10 steps 1 {
  minimize last(scan(z = 1 + zero(x), i in 0..3) { return stop(z) * b }) over b with sgd(lr = 0.1)
}
// grad of a loop: d/dz z c^3 = c^3, slope 3 c^2 = 12
train inside on d.train batch 10 steps 1 {
  minimize grad((z) => last(scan(y = z, i in 0..3) { return y * c }), at = 1 + zero(x))
    over c with sgd(lr = 0.1)
}
// sum over v in (1, 2, 3) of d/dv e v^3 = 3 e (1 + 4 + 9) = 42
train mapped on d.train batch 10 steps 1 {
  minimize sum(map((v) => grad((z) => e * z^3, at = v), 1 + iota(3) + expand(zero(x), over = 3)))
    over e with sgd(lr = 0.01)
}
// a function value that captures a name of the phase: f * kept, kept = f: slope 2 f
train captured on d.train batch 10 steps 1 {
  let kept = f + zero(x)
  minimize apply((z) => z * kept, f) over f with sgd(lr = 0.1)
}
// hessian of g z^3 at 1: 6 g, slope 6
train curved on d.train batch 10 steps 1 {
  minimize hessian((z) => g * z^3, at = 1 + zero(x)) over g with sgd(lr = 0.1)
}
// a chosen branch: where(h > 0, h^2, 5 h), slope 2
train chosen on d.train batch 10 steps 1 {
  minimize where(h > 0, h^2, 5 * h) + zero(x) over h with sgd(lr = 0.1)
}
// rows of a jacobian: sum of squares of diag(2 k), slope 8 k
train rows on d.train batch 10 steps 1 {
  minimize sum(jacobian((z) => z^2 * k, at = 1 + 0 * k + expand(zero(x), over = 3))^2)
    over k with sgd(lr = 0.01)
}
// the derivative of a net in its input, minimized in its weight: 2 w z at z = 1, slope 2
train penalty on d.train batch 10 steps 1 {
  minimize grad(line, at = 1 + zero(x)) over line with sgd(lr = 0.5)
}
// a net through a function value in a loop: w^2 at w = 3, slope 6
train valued on d.train batch 10 steps 1 {
  minimize last(scan(z = 1 + zero(x), i in 0..2) { return apply(gate, z) }) over gate with sgd(lr = 0.1)
}
// means of the batch are differentiated: (mean of l + x - x)^2 = l^2
train means on d.train batch 10 steps 1 {
  minimize (batch_mean(l + x[0]) - batch_mean(x[0]))^2 over l with sgd(lr = 0.1)
}
// three steps, two turns each: six writes; looking on with `track` writes nothing
train states on d.train batch 5 steps 3 {
  repeat 2 { minimize counted(m + zero(x))^2 over m with sgd(lr = 0.1) }
  track counted(m + zero(x)) as looked
}
// a layer's state is read before it is written, and by the next statement after
train read on d.train batch 10 steps 1 {
  let first = peeked(2 + zero(x))
  let second = peeked(3 + zero(x))
  reads <- batch_mean(first * 10 + second)
}
// both goals of a step: the second sees the first one's weight; n: 2 -> 1.6 -> 1.6 - 0.1 * 3 * 1.6^2
train goals on d.train batch 10 steps 1 {
  minimize n^2 + zero(x) over n with sgd(lr = 0.1)
  minimize n^3 + zero(x) over n with sgd(lr = 0.1)
}
eval now on d.train batch 4 {
  report a, b, c, e, f, g, h, l, n, sum(k) as k_sum, reads
  report line(1 + zero(x)) as w_line, gate(1 + zero(x)) as w_gate
  report m, peeked(zero(x)) as seen_at_last
}

// fact: a = 1.384
// fact: b = 1.6
// fact: c = 0.8
// fact: e = 0.58
// fact: f = 0.8
// fact: g = 1.4
// fact: h = 0.8
// fact: k_sum = 2.76
// fact: l = 0.8
// fact: m = 0
// fact: looked = 0
// fact: n = 0.832
// fact: w_line = 2
// fact: w_gate = 2.4
// fact: reads = 2
// fact: seen_at_last = 5
