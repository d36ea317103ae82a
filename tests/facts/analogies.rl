// The word that is to one as another is to a third: by directions, of all words but the three, whatever the lengths
// of vectors are, of which one may be 0.
data d from one_hot(n = 3, split = 1) { label: idx(3) }
// man, woman, king, queen, and two that lead astray: the sum itself, and none
const words = reshape(concat(concat(1, 0, 1, 1), concat(2, 0, 2, 2), concat(0.5, 0.4, 0, 0)), 6, 2)
fn place(x: f32[2]) = x
eval e on d.train {
  let turned = words * reshape(concat(concat(1, 1, 9, 9), concat(0.3, 0.3, 5, 5), ones(4)), 6, 2)
  report float(analogy(words, 0, 1, 2) == 3) as queen
  report float(analogy(turned, 0, 1, 2) == 3) as of_any_length
  report float(analogy(words, 3, 2, 1) == 0) as man
  report float(analogy(words, label, label, 2) < 6) as never_outside
  report float(analogy(words, 0, 1, 2) != label) as not_given
}

// fact: queen = 1
// fact: of_any_length = 1
// fact: man = 1
// fact: never_outside = 1
// fact: not_given = 1
