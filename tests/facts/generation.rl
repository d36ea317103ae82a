// What a draw of a sequence may be: the k likeliest tokens, those of a share, a given beginning, a temperature, and the
// likeliest sequence by a search that keeps enough beginnings to be exact.
dim V = 3, T = 4, N = 81
data d from one_hot(n = 3, split = 1) { label: idx(3) }
fn wave(n, s) = sin(s + 1.7 * iota(n))
const A = reshape(wave(12, 1), T, V)
const C = reshape(2 * wave(9, 2), V, V)
fn lm(x: idx(V)[T]) -> f32[T, V] = shift(map((i) => C[i], x), 1) + A
model two(x) { x: idx(V)[T] ~ Autoregressive(logits = (s) => top_k_logits(lm(s), 2)) }
model share(x) { x: idx(V)[T] ~ Autoregressive(logits = (s) => nucleus(lm(s) / 0.7, 0.8)) }
model given(x) { x: idx(V)[T] ~ Autoregressive(logits = (s) => begin(lm(s), int(concat(2, 0)))) }

fn sequence(i) = map((j) => int(i / 3^j) % 3, iota(T))
fn score(s: idx(V)[T]) -> f32 = sum(map((a, i) => log_softmax(a)[i], lm(s), s))
fn all(f) = sum(map((i) => exp(f(sequence(i))), int(iota(N))))
fn kept(a: f32[n], p) = sum(where(a > -infinity, p, 0))
const P = concat(0.15, 0.5, 0.05, 0.3)

eval e on d.train {
  // Densities of what is left: every one adds up to 1, and no token is there that is not meant.
  report all((s) => log two(x = s)) as all_two, all((s) => log share(x = s)) as all_share
  report all((s) => log given(x = s)) as all_given
  report sum(map((i) => float(log two(x = sequence(i)) > -infinity), int(iota(N)))) as sequences_two
  report sum(map(
      (i) => float(log given(x = sequence(i)) > -infinity),
      int(iota(N))
    )) as sequences_given
  report kept(top_k_logits(log(P), 1), P) as top_1, kept(top_k_logits(log(P), 3), P) as top_3
  report kept(nucleus(log(P), 0.0001), P) as share_0, kept(nucleus(log(P), 0.49), P) as share_49
  report kept(nucleus(log(P), 0.79), P) as share_79,
    kept(nucleus(log(P) + 1e4, 0.94), P) as share_94
  report kept(nucleus(log(P), 1), P) as share_100
  // A search.
  let scores = map((i) => score(sequence(i)), int(iota(N)))
  report score(beam_search(lm, sequence(label), k = 27)) - max(scores) as beams
  report float(score(beam_search(lm, sequence(label), k = 1)) <= max(scores)) as one_beam
  let after = where(
    map((i) => float(i % 3 == 2) * float(int(i / 3) % 3 == 0), int(iota(N))) == 1,
    scores,
    -infinity
  )
  let found = beam_search((s) => begin(lm(s), int(concat(2, 0))), sequence(label), k = 9)
  report score(found) - max(after) as beams_after
}

// fact: all_two = 1
// fact: all_share = 1
// fact: all_given = 1
// fact: sequences_two = 16
// fact: sequences_given = 9
// fact: top_1 = 0.5
// fact: top_3 = 0.95
// fact: share_0 = 0.5
// fact: share_49 = 0.5
// fact: share_79 = 0.8
// fact: share_94 = 0.95
// fact: share_100 = 1
// fact: beams = 0
// fact: one_beam = 1
// fact: beams_after = 0
