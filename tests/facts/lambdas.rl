// A function written in a loss or a phase sees the fields of the data there, wherever it is called; a
// phase hides no field; a loss over a field of two data sets is that of the phase.
data d from uniform(11, 1, split = 1.0) { s: f32 }
data a from uniform(7, 2, split = 1.0) { x: f32[2] }
data b from uniform(5, 3, split = 1.0) { x: f32[3] }
fn app(h, z: f32) -> f32 = h(z)
fn twice(h, z: f32) -> f32 = h(h(z))
loss called = app((q) => q * s, 2.0) - 2 * s
loss square = sum(x^2)
eval e on d.train batch 4 {
  report called, twice((q) => q + s, 0.0) - 2 * s as in_a_phase
  report app((q) => app((t) => t * s, q), 1.0) - s as nested
}
eval s on d.train batch 4 { report s^2 - s * s as of_the_field }
eval e1 on a.train batch 4 { report square - sum(x^2) as of_a, square as a_value }
eval e2 on b.train batch 4 { report square - sum(x^2) as of_b, square as b_value }

// fact: called = 0
// fact: in_a_phase = 0
// fact: nested = 0
// fact: of_the_field = 0
// fact: of_a = 0
// fact: of_b = 0
// fact: a_value > 0
// fact: b_value > 0
