// Whole numbers: `/` is the quotient of reals everywhere, `%` has the sign of what divides, powers stay
// whole; indices are proven. The same figures for numbers known when compiling and at run time.
config n: int = 4
data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
const table = concat(10.0, 20.0, 30.0, 40.0)
fn of(x: f32[64], c: f32) = int(c + 0 * x[0])

fn halves(x: f32[64]) = last(scan(c = 0 * x[0], t in 0..n) { return c + t / n })
fn casts(x: f32[64]) = last(scan(c = 0 * x[0], t in 0..n) { return c + float(t / n) })
fn reads(x: f32[64]) = last(scan(c = 0 * x[0], t in 0..n) { return c + table[(t + 1) % n] * float(t) })
fn clipped(x: f32[64]) = last(scan(c = 0 * x[0], t in 0..n) { return c + table[clip(t - 1, 0, n - 1)] })
fn turned(x: f32[64]) = last(scan(k = int(0 * x[0]), t in 0..5) { return (3 * k + 1) % 7 })
fn walk(x: f32[64], y: idx(10)) = last(scan(k = y, t in 0..3) { return (k + 4) % 10 })

model c(k | x: f32[64]) { k: idx(3) ~ Categorical(probs = concat(0.25, 0.25, 0.5)) }
model cc(v | x: f32[64]) { v: idx(3)[2] ~ Categorical(logits = zeros(2, 3)) }

eval e on d.test batch 120 {
  report halves(x) as halves
  report casts(x) as casts
  report n / 8 + 0 * x[0] as known
  report of(x, 4) / 8 as computed
  report 1 / of(x, n) + of(x, 7) / 2.0 as mixed
  report -of(x, 7) / 2 as negative
  report float(-of(x, 7) % 3) as left_of_negative
  report -7 % 3 + 0 * x[0] as left_of_negative_known
  report float(of(x, 7) % -of(x, 3)) as left_by_negative
  report 7 % -3 + 0 * x[0] as left_by_negative_known
  report (7.5 + 0 * x[0]) % 2 + 5.5 % 2 as left_of_reals
  report float(of(x, -3)^3) + of(x, 2)^-1 + of(x, 2)^0.5 - sqrt(2) as powers
  report reads(x) as reads
  report clipped(x) as clipped
  report float(turned(x)) as turned
  report float(walk(x, y) == (y + 12) % 10) as walked
  report table[int(7 / 2)] + table[int(-1)] + 0 * x[0] as known_index
  report pick(table, clip(of(x, 9), 0, 3)) + 0 * x[0] as picked
  report sum(one_hot(y % 3, 3) * concat(1.0, 2.0, 3.0)) - float(y % 3) as hot
  report cross_entropy(table + 0 * x[0], clip(y, 0, 3)) * 0 + float(max(of(x, 2), 5) - min(1, of(x, 3))) as ends
  report reshape(x, 8, 8)[:, y % 8][3] - reshape(x, 8, 8)[3, y % 8] as second_dim
  report sum(reshape(x, 8, 8)[y % 8, :][clip(y, 2, 5)] - reshape(x, 8, 8)[y % 8, clip(y, 2, 5)]) as both_dims
  report batch_mean(y) - mean(batch(y)) + batch_mean(y == y) as mean_of_batch
  report E[k ~ c(k | x)](k) as expected
  report E[v ~ cc(v | x), samples = 2000](sum(v) / 2) as expected_of_draws
  report E[k ~ c(k | x)](k == 2) as chance
  report float(last(cumsum(concat(of(x, 1), of(x, 2), of(x, 3))) % 4)) as running
  report table[argmax(x[0:4])] * 0 + table[int(3 * x[5])] * 0 as proven
}

// fact: halves = 1.5
// fact: casts = 1.5
// fact: known = 0.5
// fact: computed = 0.5
// fact: mixed = 3.75
// fact: negative = -3.5
// fact: left_of_negative = 2
// fact: left_of_negative_known = 2
// fact: left_by_negative = -2
// fact: left_by_negative_known = -2
// fact: left_of_reals = 3
// fact: powers = -26.5
// 30 * 1 + 40 * 2 + 10 * 3
// fact: reads = 140
// fact: clipped = 70
// 1, 4, 13 % 7 = 6, 19 % 7 = 5, 16 % 7
// fact: turned = 2
// fact: walked = 1
// fact: known_index = 80
// fact: picked = 40
// fact: hot = 1
// fact: ends = 4
// fact: proven = 0
// fact: second_dim = 0
// fact: both_dims = 0
// fact: mean_of_batch = 1
// fact: expected = 1.25
// fact: expected_of_draws > 0.95
// fact: expected_of_draws < 1.05
// fact: chance = 0.5
// fact: running = 2
