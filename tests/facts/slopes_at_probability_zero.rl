data d from uniform(4, 1, split = 1.0) { x: f32[1] }
param z: f32 = constant(0)
param o: f32 = constant(1)
param h: f32 = constant(0.5)
model q(v | b: f32) { v: bit ~ Bernoulli(probs = b) }
model p(v | c: f32) { v: bit ~ Bernoulli(probs = c) }
model die(j | a: f32, b: f32, c: f32) { j: idx(3) ~ Categorical(probs = concat(a, b, c)) }
// Probability 0 has a slope: the expectation of f under Bernoulli(t) is t f(1) + (1 - t) f(0).
eval look on d.train batch 4 {
  report E[v ~ q(v | b = z)](where(v == 1, log(z), 2.0)) as plain
  report grad((t) => E[v ~ q(v | b = t)](v * 3.0), at = z) as slope0
  report grad((t) => E[v ~ q(v | b = t)](v * 3.0), at = o) as slope1
  report grad((t) => E[v ~ q(v | b = t)](log p(v | c = h)), at = z) as even
  report grad((t) => E[j ~ die(j | a = t, b = h, c = z)](2.0 + float(j)), at = z) as die_a
  report grad((t) => E[j ~ die(j | a = h, b = h, c = t)](2.0 + float(j)), at = z) as die_c
  report grad((u) => grad((t) => E[v ~ q(v | b = t^2)](v * 3.0), at = u), at = z) as second
}

// fact: plain == 2
// fact: slope0 = 3
// fact: slope1 = 3
// fact: even = 0
// fact: die_a = 2
// fact: die_c = 4
// fact: second = 6
