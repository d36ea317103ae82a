data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
eval a on d.test { report linear_probe(x, x[0]) }
eval b on d.test { report auc(x, y == 1) }
eval c on d.test { report auc(x[0], y) }
eval q on d.test { report dci(x, y) }
eval e on d.test { report mig(x, (y, x[0])) }
eval f on d.test { report mig(x, y, bins = 1) }
eval g on d.test { report mig(x, y, bins = x[0]) }
eval h on d.test { report kmeans_accuracy(x) }
eval i on d.test { report nmi(x, y, k = 3) }
eval j on d.test { report lineal_probe(x, y) }
eval k on d.test { report kmeans_accuracy(y, y) }

// error: RL0103 2:43 `y` of `linear_probe` must be a class, `idx(n)`
// help: declare it `y: idx(10)`
// error: RL0103 3:31 `score` of `auc` must be one real
// help: reduce it: `sum(...)`, `mean(...)`
// error: RL0103 4:37 `label` of `auc` must be a truth value: `bool`, `bit` or `idx(2)`
// help: compare: `y == 1`
// error: RL0103 5:34 `factors` of `dci` must be two factors or more: `idx(n)[F]`, or a tuple of `idx` values
// help: declare `factors: idx(8)[5]`, or write `(shape, scale)`
// error: RL0103 6:34 `factors` of `mig` must be one factor or more: `idx(n)[F]`, or a tuple of `idx` values
// help: declare `factors: idx(8)[5]`, or write `(shape, scale)`
// error: RL0107 7:44 `bins` of `mig` is 1
// help: write a whole number from 2 to 1000, known when compiling
// error: RL0107 8:44 `bins` of `mig` is a tensor
// help: write a whole number from 2 to 1000, known when compiling
// error: RL0104 9:27 `kmeans_accuracy` takes 2 arguments, given 1
// help: kmeans_accuracy(code, y)
// error: RL0104 10:41 `nmi` has no argument `k`
// help: nmi(code, y)
// error: RL0101 11:27 nothing is called `lineal_probe`
// help: did you mean `linear_probe`?
// error: RL0103 12:43 `code` of `kmeans_accuracy` must be reals of any shape
// help: `one_hot(i, n)` makes reals of an index, `float(b)` of a truth value
