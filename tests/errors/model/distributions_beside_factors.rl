// Beside factors stand distributions of variables of the head that affine factors tilt, by parameters that mention
// no other variable of the head.
data d from uniform(4, 1) { x: f32[1] in 0..1 }
model depends(v: count[2], h: bit[2]) {
  v ~ Poisson(exp(h))
  factor dot(v, h)
}
model stiff(v: count[2], h: bit[2]) {
  v ~ NegativeBinomial(2, 0)
  factor dot(v, h)
}
model hidden(v: count[2], h: bit[2]) {
  u: count[2] ~ Poisson(2)
  factor dot(v, h)
}
model curved(v: count[2], h: bit[2]) {
  v ~ Poisson(2)
  factor dot(v, h) - dot(v, v)
}
eval e on d.train batch 2 {
  report log_z(curved) as z
  report mean(curved(v | h = full(1, 2)))[0] as m
}

// error: RL0129 5:7 `rate` of `Poisson` depends on `h`, which `depends` is over too
// help: what joins variables of a product of factors is a factor: `factor dot(v @ W, h)`
// error: RL0129 9:7 `stiff` is a product of factors, and has no use for `NegativeBinomial`
// help: a variable of the head may have a distribution that factors tilt, `v ~ Poisson(rate)`, `v ~ Multinomial(n, logits = a)`; write others as factors, or declare them in another density
// error: RL0129 13:3 `hidden` is a product of factors, and draws nothing itself
// help: write its log-probability as a factor, or declare `u` in another density
// error: RL0129 21:10 the constant of `curved` does not follow
// help: beside a block that is summed by a formula, at most 65536 values (16 bits) are gone through; `ais(p)` estimates it
// error: RL0129 22:15 no distribution of `v` given the rest follows from `curved`
// help: let factors be affine in what has a distribution of its own: `dot(v, a)`, `dot(v @ W, h)`
