data w from one_hot(n = 8) { t: idx(nope) }
state s: idx(w) = 0
eval e on w.test batch 3 { report sum(float(t)) as k, float(s) as j }

// error: RL0101 1:37 nothing is called `nope`
// help: did you mean `norm`?
// error: RL0109 2:14 a dim must be an integer known when compiling, this is a data set
// help: use a `dim`, a `config` of type int, or a literal
