// A value that scores exclude adds nothing to an expectation, also where what is averaged is infinite.
data d from uniform(4, 1, split = 1.0) { x: f32[1] }
param z: f32 = constant(0)
model kat(j | l: f32[3]) { j: idx(3) ~ Categorical(logits = l) }
model coin(v | b: f32) { v: bit ~ Bernoulli(logits = b) }
eval look on d.train batch 4 {
  report E[j ~ kat(j | l = concat(z, log(z), z))](log kat(j | l = concat(z, log(z), z))) as minus_entropy
  report E[j ~ kat(j | l = concat(z, log(z), z))](where(j == 1, log(z), 2.0)) as plain
  report E[v ~ coin(v | b = log(z))](log coin(v | b = log(z))) as bit
  report grad((t) => E[j ~ kat(j | l = concat(t, log(z), z))](log kat(j | l = concat(t, log(z), z))), at = z) as slope
  report grad((t) => E[j ~ kat(j | l = concat(t, log(z), z))](float(j)), at = z) as moves
}

// fact: minus_entropy = -0.69314718
// fact: plain = 2
// fact: bit = 0
// fact: slope = 0
// the mean of j is 2 (1 - s), s the sigmoid of t: its slope is -2 s (1 - s)
// fact: moves = -0.5
