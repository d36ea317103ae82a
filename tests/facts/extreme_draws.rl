// Draws at extreme parameters lie where the distribution has them: 4,000 of each; shares are within four
// standard errors.
data d from uniform(4000, 1, split = 1.0) { x: f32[1] }
param big: f32 = constant(1e9)
param none: f32 = constant(-200)

fn tight(x: f32[1]) -> f32 { e: f32 ~ Normal(5, 1e-30) return float(e == 5) + 0 * sum(x) }
fn still(x: f32[1]) -> f32 { e: f32 ~ Normal(5, exp(none)) return float(e == 5) + 0 * sum(x) }
fn wide(x: f32[1]) -> f32 { e: f32 ~ Normal(0, 1e30) return abs(e * 1e-30) + 0 * sum(x) }
fn peaked(x: f32[1]) -> f32 { e: f32 ~ Laplace(5, 1e-30) return float(e == 5) + 0 * sum(x) }
fn flat(x: f32[1]) -> f32 { e: f32 ~ Laplace(0, 1e30) return abs(e * 1e-30) + 0 * sum(x) }
fn never(x: f32[1]) -> f32 { c: bit ~ Bernoulli(probs = 0.0) return c + 0 * sum(x) }
fn always(x: f32[1]) -> f32 { c: bit ~ Bernoulli(probs = 1.0) return c + 0 * sum(x) }
fn rarely(x: f32[1]) -> f32 { c: bit ~ Bernoulli(probs = 1e-30) return c + 0 * sum(x) }
fn off(x: f32[1]) -> f32 { c: bit ~ Bernoulli(logits = -big) return c + 0 * sum(x) }
fn on(x: f32[1]) -> f32 { c: bit ~ Bernoulli(logits = big) return c + 0 * sum(x) }
fn lost(x: f32[1]) -> f32 { c: bit ~ Bernoulli(logits = log(0 * big)) return c + 0 * sum(x) }
fn masked(x: f32[1]) -> f32 { c: idx(4) ~ Categorical(logits = concat(0.0, log(0 * big), 1e8, -big)) return float(c == 2) + 0 * sum(x) }
fn shifted(x: f32[1]) -> f32 { c: idx(2) ~ Categorical(logits = concat(0.0, 1.0) + 1024) return float(c == 1) + 0 * sum(x) }
fn shares(x: f32[1]) -> f32 { c: idx(4) ~ Categorical(probs = concat(0.0, 0.25, 0.75, 0.0)) return float(c == 2) + 10 * float(c == 0 or c == 3) + 0 * sum(x) }
fn nothing(x: f32[1]) -> f32 { c: idx(4) ~ Categorical(logits = log(concat(0, 0, 0, 0) * big)) return float(c == 3) + 0 * sum(x) }
fn far(x: f32[1]) -> f32 { e: f32 ~ Uniform(1e30, 2e30) return float(e >= 1e30 and e <= 2e30) + 0 * sum(x) }
fn whole(x: f32[1]) -> f32 { e: f32 ~ Uniform(-3e38, 3e38) return float(abs(e) <= 3e38) + 0 * sum(x) }
fn thin(x: f32[1]) -> f32 { e: f32 ~ Uniform(1, 1.0000002) return float(e >= 1 and e <= 1.0000002) + 0 * sum(x) }
fn bright(x: f32[1]) -> f32 { e: f32 in 0..1 ~ ContinuousBernoulli(logits = big) return float(e > 0.9999 and e <= 1) + 0 * sum(x) }
fn dark(x: f32[1]) -> f32 { e: f32 in 0..1 ~ ContinuousBernoulli(logits = -big) return float(e < 1e-4 and e >= 0) + 0 * sum(x) }
fn even(x: f32[1]) -> f32 { e: f32 in 0..1 ~ ContinuousBernoulli(logits = 1e-30 * big) return e + 0 * sum(x) }

eval e on d.train batch 400 {
  report tight(x) as tight, still(x) as still, wide(x) as wide, peaked(x) as peaked, flat(x) as flat
  report never(x) as never, always(x) as always, rarely(x) as rarely, off(x) as off, on(x) as on, lost(x) as lost
  report masked(x) as masked, shifted(x) as shifted, shares(x) as shares, nothing(x) as nothing
  report far(x) as far, whole(x) as whole, thin(x) as thin, bright(x) as bright, dark(x) as dark, even(x) as even
}

// fact: tight = 1
// fact: still = 1
// sqrt(2 / pi)
// fact: wide > 0.75
// fact: wide < 0.84
// fact: peaked = 1
// fact: flat > 0.93
// fact: flat < 1.07
// fact: never = 0
// fact: always = 1
// fact: rarely = 0
// fact: off = 0
// fact: on = 1
// fact: lost = 0
// fact: masked = 1
// 1 / (1 + exp(-1)) = 0.7311
// fact: shifted > 0.703
// fact: shifted < 0.760
// fact: shares > 0.722
// fact: shares < 0.778
// fact: nothing > 0.222
// fact: nothing < 0.278
// fact: far = 1
// fact: whole = 1
// fact: thin = 1
// fact: bright = 1
// fact: dark = 1
// fact: even > 0.481
// fact: even < 0.519
