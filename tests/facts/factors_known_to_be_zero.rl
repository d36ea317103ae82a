// A factor that is known to be 0 makes a product 0, also where both are known when compiling; what `map`
// gives has the range of its elements.
data d from uniform(8, 4, split = 1.0) { x: f32[4] }
config c: f32 = 0.0
param one: f32 = constant(1)
const none = log(0.0 * c)
fn lost() = log(zeros(4) * one)
fn pair(x: f32[4]) -> idx(3)[4] = int(map((v) => clip(v + 1, 0, 2), x))

eval e on d.train batch 8 {
  report 0 * infinity as literal, c * infinity as setting, 0 * none as constant, none * c as turned
  report max(0 * lost()) as folded, 0 * (infinity - infinity) as no_number, 0 * (one / (x[0] - x[0])) as quotient
  report last(scan(h = 0 * max(lost()), t in 0..2) { return h + 1 }) as carried
  report grad((t) => 0 * t * max(lost()), at = one) as slope
  report iota(3)[pair(x)[0]] + 0 * x[0] as looked_up
}

// fact: literal == 0
// fact: setting == 0
// fact: constant == 0
// fact: turned == 0
// fact: folded == 0
// fact: no_number == 0
// fact: quotient == 0
// fact: carried == 2
// fact: slope == 0
// fact: looked_up == 1
