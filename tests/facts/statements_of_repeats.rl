// Every `minimize` of a phase has its own moments, wherever it stands: of a gradient that does not
// change, each step of adam moves a weight by the rate, and each of sgd with momentum by its own sum.
data d from uniform(3, 1, split = 1.0) { x: f32[1] }

param p: f32 = constant(0.0)
param q: f32 = constant(0.0)
param r: f32 = constant(0.0)
param s: f32 = constant(0.0)

param o: f32 = constant(5)
state z: f32 = constant(2)
fn fresh(x: f32[1]) -> f32 = (uniform_noise() - 0.5)^2 + 0 * sum(x)
fn goal(w: f32, x: f32[1]) -> f32 = w + 0 * sum(x)

train t on d.train batch 1 steps 2 {
  minimize goal(p, x) over p with adam(lr = 1)
  repeat 1 { minimize goal(p, x) over p with adam(lr = 1) }
}
train u on d.train batch 1 steps 1 {
  repeat 1 { minimize goal(q, x) over q with adam(lr = 1) }
  repeat 2 { repeat 1 { minimize goal(q, x) over q with adam(lr = 1) } }
}
// Both in each of three steps: momenta 1, 1.5, 1.75 at either place.
train v on d.train batch 1 steps 3 {
  repeat 1 { minimize goal(r, x) over r with momentum(lr = 1, m = 0.5) }
  minimize goal(r, x) over r with momentum(lr = 1, m = 0.5)
}
// One place, run six times: 1, 1.5, 1.75, 1.875, 1.9375, 1.96875.
train w on d.train batch 1 steps 3 {
  repeat 2 { minimize goal(s, x) over s with momentum(lr = 1, m = 0.5) }
}

// What is tracked in a loop is the mean over its turns, with the weights of the step's beginning.
train y on d.train batch 1 steps 1 {
  repeat 2 {
    z <- z + 1
    track 10 * z + 0 * sum(x) as begun
    repeat 3 { track fresh(x) as average }
    minimize goal(o, x) over o with sgd(lr = 1)
    track o as start
  }
  track z + 0 * sum(x) as outside
}

eval e on d.train batch 3 { report p, q, r, s }

// fact: p = -4
// fact: q = -3
// fact: r = -8.5
// fact: s = -10.03125
// fact: begun = 20
// fact: start = 5
// fact: outside = 2
// fact: average > 0
// fact: average < 0.25
