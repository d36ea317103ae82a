// Draws of a density inside of a loop are fresh in every turn, also where the loop is the first to
// mention the density; numbers join to vectors.
data d from uniform(400, 1) { x: f32[1] }

model q(z | x: f32[1]) { z: f32[1] ~ Normal(x, 1) }
fn walk(x: f32[1]) -> f32[64, 1] = scan(h = x, t in 0..64) {
  return 0 * h + E[z ~ q(z | x = x)](z)
}

eval t on d.test batch 80 {
  let s = walk(x)
  // the variance of 64 fresh draws is 1, of one draw repeated 0
  report mean((s - spread(mean(s, over = 0), s, over = 0))^2) as spread_of_turns
  report abs(sum(concat(1, x[0] * 0, 2) * iota(3)) - 4) as joined
}

// fact: spread_of_turns > 0.9
// fact: spread_of_turns < 1.1
// fact: joined < 1e-6
