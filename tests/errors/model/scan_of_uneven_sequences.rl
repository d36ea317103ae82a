data d from uniform(20, 8) { x: f32[8] }
fn f(x: f32[8]) = scan(h = 0.0, a in x, t in 0..8, b in x[1:]) { return h + a * b + t }
eval e on d.train { report last(f(x)) as f }

// error: RL0103 2:57 `b` has 7 turns, `a` has 8
// help: let them have one length: `xs[0:n]` is a part
