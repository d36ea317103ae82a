use "parts/scale.rl" as m
const a = m.p(W = 3)
const b = m.p(V = 0)
const c = m.p(V = 2.5)
