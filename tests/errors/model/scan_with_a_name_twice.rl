const hs = scan(h = h0, x in xs, x in ys) { return h + x }

// error: RL0102 1:34 `x` is declared twice
// help: rename one of them
