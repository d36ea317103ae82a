dim T = 4, V = 3
data d from one_hot(4) { x: bit[T] }
net own(x: bit[T]) -> f32[T] = x * 2
net all(x: bit[T]) -> f32[T] = shift(x, 1) |> Linear(T)
net next(x: idx(V)[T]) -> f32[T, V] {
  param E: f32[V, V] = normal(0, 1)
  let r = map((i) => E[i], x)
  let w = softmax(r @ r.T)
  return shift(w @ r, 1)
}
model a(x) { x: bit[T] ~ Autoregressive(logits = own) }
model b(x) { x: bit[T] ~ Autoregressive(logits = all) }
model c(x) { x: idx(V)[T] ~ Autoregressive(logits = next) }
model e(x) { x: f32[T] ~ Autoregressive((x) => Normal(shift(x, 1), exp(mean(x)))) }
model f(x) { x: bit[T] ~ Autoregressive(logits = (x) => shift(x, 1), order = int(3 - iota(T))) }
model g(x) { x: bit[T] ~ Autoregressive(logits = (x) => shift(x, 1), order = int(iota(3))) }
model h(x) { x: bit[T] ~ Autoregressive() }
model i(x) { x: f32[T] ~ Autoregressive(loc = own) }
model j(x) { x ~ Autoregressive(logits = own) }
model k(x) { x: bit[T] ~ Autoregressive((x) => shift(x, 1)) }
eval u on d.test batch 2 {
  report log a(x), log b(x), log c(x = int(iota(T)) % V), log e(x)
  report log f(x), log g(x), log h(x), log i(x), log j(x), log k(x)
}

// error: RL0130 11:26 position 0 of `logits` depends on position 0 of the sequence, which is not before it
// help: every position sees itself, and nothing behind it: give the net what is before, `net(shift(x, 1))`
// error: RL0130 12:26 position 0 of `logits` depends on position 2 of the sequence, which is not before it
// help: let each position see what is before it: `where(causal_mask(T), scores, -1e9)`, windows with zeros before the first position, weights with a mask
// error: RL0130 13:29 position 1 of `logits` depends on position 3 of the sequence, which is not before it
// help: let each position see what is before it: `where(causal_mask(T), scores, -1e9)`, windows with zeros before the first position, weights with a mask
// error: RL0130 14:26 position 0 of `scale` depends on position 3 of the sequence, which is not before it
// help: let each position see what is before it: `where(causal_mask(T), scores, -1e9)`, windows with zeros before the first position, weights with a mask
// error: RL0130 15:26 position 1 of `logits` depends on position 0 of the sequence, which is not before it
// help: let each position see what is before it: `where(causal_mask(T), scores, -1e9)`, windows with zeros before the first position, weights with a mask
// error: RL0107 16:78 `order` is a permutation of the 4 positions, known when compiling
// help: leave it out for the order of the file, or give whole numbers: `int(iota(n))`, `argsort(...)`
// error: RL0104 17:26 `Autoregressive` needs a net that gives the logits of every position
// help: Autoregressive(logits = net), Autoregressive(f, order = all)
// error: RL0124 18:26 which distribution the positions have is not known
// help: give a function from the sequence to it: `Autoregressive((x) => Normal(net(x), 1))`
// error: RL0130 19:18 position 0 of `logits` depends on position 0 of the sequence, which is not before it
// help: every position sees itself, and nothing behind it: give the net what is before, `net(shift(x, 1))`
// error: RL0105 20:41 `~` takes a distribution, this is a tensor
// help: write for instance `z ~ Normal(0, 1)`; a value is given with `=`
