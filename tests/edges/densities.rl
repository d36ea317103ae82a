// Densities whose parameters are fields; the test adds the data and what is emitted.
model flip(v | b: f32) { v: bit ~ Bernoulli(probs = b) }
model flop(v | c: f32) { v: bit ~ Bernoulli(probs = c) }
model coin(v | b: f32) { v: bit ~ Bernoulli(logits = b) }
model cent(v | c: f32) { v: bit ~ Bernoulli(logits = c) }
model grey(v | b: f32) { v: f32 in 0..1 ~ ContinuousBernoulli(logits = b) }
model bell(v | b: f32, c: f32) { v: f32 ~ Normal(b, c) }
model hill(v | c: f32, d: f32) { v: f32 ~ Normal(c, d) }
model peak(v | b: f32, c: f32) { v: f32 ~ Laplace(b, c) }
model spire(v | c: f32, d: f32) { v: f32 ~ Laplace(c, d) }
model flat(v | b: f32, c: f32) { v: f32 ~ Uniform(b, c) }
model even(v | c: f32, d: f32) { v: f32 ~ Uniform(c, d) }
model pick3(j | a: f32, b: f32, c: f32) { j: idx(3) ~ Categorical(logits = concat(a, b, c)) }
model pick1(j | d: f32) { j: idx(3) ~ Categorical(logits = concat(d, d, d)) }
model die(j | a: f32, b: f32, c: f32) { j: idx(3) ~ Categorical(probs = concat(a, b, c)) }
model fair(j | d: f32) { j: idx(3) ~ Categorical(probs = concat(0.5, 0.25, 0.25)) }
