dim T = 4, V = 3
data d { x: idx(V)[<= T], y: idx(V)[<= T], z: bit[<= T], w: idx(V)[2, <= T] }
data e { x: idx(V)[<= T], y: idx(V)[<= T] }
param E: f32[V, V] = normal(0, 1)
param S: idx(V)[<= T] = zeros()
fn of_ends(x: idx(V)[<= T]) = sum(E[x])
fn h(x: idx(V)[T]) = E[x]
loss a = sum(sort(h(x), over = 0))
loss b = sum(h(x)[1:])
loss c = sum(h(x) * h(y))
loss f = sum(batch(h(x)))
loss g = of_ends(int(iota(T)) % V)
loss i = -log p(x = e.x)
loss j = -log s(x = int(iota(T)) % V)
const all = e.x
model p(x) { x: idx(V)[T] ~ Categorical(logits = expand(E[0], over = T)) }
model q(x) { x: idx(V)[<= T] ~ Categorical(logits = expand(E[0], over = T)) }
model r(x) { x: idx(V)[<= T] ~ Autoregressive(logits = (x) => shift(h(x), 1), order = int(iota(T))) }
model s(x) { x: idx(V)[<= T] ~ Autoregressive(logits = (x) => shift(h(x), 1)) }
model u(x: idx(V)[<= T], k: bit) { factor k * sum(E[0]) }
model v(x, n) { x: idx(V)[<= T] ~ Autoregressive(logits = (x) => shift(h(x), 1))
  n: f32[T, V] = h(x) }

// error: RL0124 2:47 `<=` stands before the only dim of indices
// help: a sequence that may end before is `idx(V)[<= T]`: its first 0 is its end
// error: RL0131 5:10 a weight is no sequence that ends
// help: declare it without `<=`
// error: RL0131 8:14 `argsort` of a sequence that ends: places behind its end would count
// help: `padded(x)` has all places, those behind the end too
// error: RL0131 9:14 `slice` of a sequence that ends: places behind its end would count
// help: reduce it first, `sum(x, over = 0)`, `last(x)`
// error: RL0131 10:14 `*` of two sequences that end at places of their own
// help: reduce one of them first
// error: RL0103 12:18 argument `x` of `of_ends` is `idx(V)[<= T]`, given `int[4]`
// help: `ended(x)` is the sequence up to its first 0
// error: RL0131 13:21 `x` is `idx(3)[4]`, and one of the two is a sequence that ends
// help: declare it `[<= T]`, or reduce the value first
// error: RL0131 14:21 `x` is `idx(3)[<= 4]`, and one of the two is a sequence that ends
// help: `ended(x)` is the sequence up to its first 0
// error: RL0131 15:15 a constant of a sequence that ends: places behind its end would count
// help: `padded(x)`
// error: RL0131 17:14 a sequence that ends is drawn position by position
// help: write `x ~ Autoregressive(logits = net)`
// error: RL0131 18:87 an order of a sequence that ends: places behind its end would count
// help: `padded(x)`
// error: RL0131 20:9 a block of a product of factors is no sequence that ends
// help: declare it without `<=`
// error: RL0131 22:18 a variable of a density of a sequence that ends: places behind its end would count
// help: reduce it first
// error: RL0131 11:14 `batch` of a sequence that ends: places behind its end would count
// help: reduce it first
