// A classifier that has diverged has no accuracy: comparisons with what is no number are false.
data d from uniform(4, 1, split = 1.0) { x: f32[1] }
param z: f32 = constant(0)
param o: f32 = constant(1)
eval look on d.train batch 4 {
  let odd = z / z
  report float(accuracy(concat(odd, odd, odd), int(0)) <= 1) as of_none
  report float(accuracy(concat(odd, o, z), int(1)) <= 1) as of_some
  report accuracy(concat(z, o, infinity), int(2)) as right, accuracy(concat(z, -infinity), int(1)) as wrong
}

// fact: of_none == 0
// fact: of_some == 0
// fact: right == 1
// fact: wrong == 0
