// Statements of a step in order: what later ones see, what a `let` keeps, what `track` shows, which
// weight a gradient is taken at. Every figure is known in closed form. The data plays no part: its
// values are multiplied by zero.
data d from uniform(10, 1, split = 1.0) { x: f32[1] }

param a: f32 = constant(1)
param b: f32 = constant(1)
param c: f32 = constant(1)
param e: f32 = constant(1)
param g: f32 = constant(2)
param h: f32 = constant(1)
param k: f32 = constant(1)
param p: f32 = constant(1)
param q: f32 = constant(3)
param r: f32 = constant(0)
param u: f32 = constant(1)
param v: f32 = constant(2)
state s: f32 = zeros()
state t: f32 = zeros()
state w: f32 = constant(1)

fn zero(x: f32[1]) -> f32 = 0 * sum(x)
fn twice(f, z: f32) -> f32 = f(f(z))
fn cube(z: f32) -> f32 = z^3

loss la = a^2 + zero(x)

// a: 1 -> 1 - 0.1 * 2 = 0.8, and again at the new weight: 0.8 - 0.1 * 1.6 = 0.64
train two_steps on d.train batch 10 steps 1 {
  minimize la over a with sgd(lr = 0.1)
  minimize la over a with sgd(lr = 0.1)
  track la as la_shown
}
// the `let` keeps b = 1: d/db (kept * b) is taken through both at the value that was read
train kept on d.train batch 10 steps 1 {
  let old = b + zero(x)
  b <- 5
  minimize old * c over c with sgd(lr = 0.1)
}
// three turns of e <- e - 0.1 * 2 e, with the state written between: s = sum of e before each turn
train turns on d.train batch 2 steps 1 {
  repeat 3 {
    s <- s + e
    minimize e^2 + zero(x) over e with sgd(lr = 0.1)
  }
  t <- s
}
// d/dg grad(z^3 at g) = 6 g = 12
train nested on d.train batch 10 steps 1 {
  minimize grad((z) => cube(z), at = g) + zero(x) over g with sgd(lr = 0.1)
}
// stop: d/dh h * stop(h)^2 = 1, at h = 1, and the value is 1
train stopped on d.train batch 10 steps 1 {
  minimize h * stop(h)^2 + zero(x) over h with sgd(lr = 0.25)
}
// d/dk of scan: k after 4 products of the carry is k^4 -> 4
train loops on d.train batch 10 steps 1 {
  minimize last(scan(z = 1 + zero(x), i in 0..4) { return z * k }) over k with sgd(lr = 0.1)
}
// maximize goes up; a chain of functions: twice(cube, p) = p^9 -> 9
train chains on d.train batch 10 steps 1 {
  maximize twice(cube, p) + zero(x) over p with sgd(lr = 0.1)
}
// a `let` of the weight that is minimized: the gradient flows through it
train through on d.train batch 10 steps 1 {
  let sq = q^2 + zero(x)
  let both = sq * 2
  minimize both over q with sgd(lr = 0.05)
}
// an assignment to a param is seen at once, and a gradient is taken at the new value: 2 * 3 = 6
train assigned on d.train batch 10 steps 1 {
  r <- 3
  minimize r^2 + zero(x) over r with sgd(lr = 0.1)
}
// the goal reads a state that was written in the step: w = 4, so d/du (w u) = 4
train states on d.train batch 10 steps 1 {
  w <- w * 4
  minimize w * u + zero(x) over u with sgd(lr = 0.1)
  w <- w + 1
}
// a gradient of a gradient penalty in v: d/dv (grad(z -> v z^2, at = 1))^2 = d/dv 4 v^2 = 8 v = 16
train penalty on d.train batch 10 steps 1 {
  minimize grad((z) => v * z^2, at = 1 + zero(x))^2 over v with sgd(lr = 0.01)
}
eval now on d.train batch 3 {
  report a, b, c, e, g, h, k, p, q, r, u, v, s, t, w
}

// fact: la_shown = 1
// fact: a = 0.64
// fact: b = 5
// fact: c = 0.9
// fact: e = 0.512
// fact: s = 2.44
// fact: t = 2.44
// fact: g = 0.8
// fact: h = 0.75
// fact: k = 0.6
// fact: p = 1.9
// fact: q = 2.4
// fact: r = 2.4
// fact: u = 0.6
// fact: w = 5
// fact: v = 1.84
