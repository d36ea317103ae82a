divergence KL(q: H, p: H) = 1.0
divergence KL(q: H, p: G) = 1.0
divergence KL(a: H, b: H) = 2.0

// error: RL0102 3:18 the divergence of `H` from `H` is declared twice
// also: 1:18 first here
// help: keep one
