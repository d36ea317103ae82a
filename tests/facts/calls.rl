// Every place that draws is a draw of its own: two calls of a net with noise in it, two
// expectations, the elements of `map`, the samples of an expectation, the turns of loops in loops.
// What has one name is drawn once: a `let`, a loss.
data d from uniform(4000, 1) { x: f32[1] }

net noisy(x: f32[1]) -> f32[1] = x + normal_noise(x)
net deeper(x: f32[1]) -> f32[1] = noisy(x) - noisy(x)
fn jitter(x: f32[1]) -> f32[1] = E[n: f32[1] ~ Normal(0, 1)](x + n)
model q(z | x: f32[1]) { z: f32[1] ~ Normal(x, 1) }
state total: f32 = zeros()
state square: f32 = zeros()
param w: f32 = zeros()

loss named = noisy(x)[0]
loss same = named
loss other = noisy(x)[0]
loss pull = w^2 + named * 0

fn walks(x: f32[1]) -> f32[16, 1] = scan(h = x, t in 0..16) {
  return 0 * h + last(scan(g = 0 * x, s in 0..16) { return g + normal_noise(g) / 4 })
}
fn steady(x: f32[1]) -> f32[16, 1] {
  let once = normal_noise(x)
  return scan(h = x, t in 0..16) { return 0 * h + once }
}
fn variance_along(v: f32[16, 1]) -> f32 = mean((v - spread(mean(v, over = 0), v, over = 0))^2) * 16 / 15

train fit on d.train batch 20 steps 2000 {
  total <- 0
  repeat 2 { repeat 3 { total <- total + batch_mean(normal_noise(x)[0]) * sqrt(20) } }
  square <- square + total^2 / 2000
  minimize pull over w with sgd(lr = 0)
}
eval t on d.train batch 100 {
  let h = noisy(x)
  report square as turns
  report abs(h[0] - h[0] + same - named) as one_name
  report (noisy(x)[0] - noisy(x)[0])^2 as two_calls
  report deeper(x)[0]^2 as calls_in_a_net
  report (deeper(x)[0] - deeper(x)[0])^2 as calls_of_calls
  report (jitter(x)[0] - jitter(x)[0])^2 as calls_of_a_function
  report (named - other)^2 as two_losses
  report (E[n ~ Normal(0, 1)](n) - E[n ~ Normal(0, 1)](n))^2 as two_expectations
  report (E[z ~ q(z | x)](z[0]) - E[z ~ q(z | x)](z[0]))^2 as two_draws
  report variance_along(map((v) => v + normal_noise(v), expand(0 * x, over = 16))) as elements
  report E[a ~ Normal(0, 1), samples = 64](normal_noise(a) + 0 * a)^2 * 64 as samples
  report E[a ~ Normal(0, 1), samples = 64](E[b ~ Normal(0, 1)](b + 0 * a))^2 * 64 as samples_inside
  report variance_along(walks(x)) as loops
  report variance_along(steady(x)) as outside_of_a_loop
}

// fact: one_name < 1e-9
// fact: two_calls > 1.8
// fact: two_calls < 2.2
// fact: calls_in_a_net > 1.8
// fact: calls_in_a_net < 2.2
// fact: calls_of_calls > 3.6
// fact: calls_of_calls < 4.4
// fact: calls_of_a_function > 1.8
// fact: calls_of_a_function < 2.2
// fact: two_losses > 1.8
// fact: two_losses < 2.2
// fact: two_expectations > 1.8
// fact: two_expectations < 2.2
// fact: two_draws > 1.8
// fact: two_draws < 2.2
// fact: elements > 0.9
// fact: elements < 1.1
// fact: samples > 0.9
// fact: samples < 1.1
// fact: samples_inside > 0.9
// fact: samples_inside < 1.1
// fact: loops > 0.9
// fact: loops < 1.1
// fact: outside_of_a_loop < 1e-9
// fact: turns > 5.2
// fact: turns < 6.8
