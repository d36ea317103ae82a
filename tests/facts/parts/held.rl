// Nets of a file for `members.rl`.
dim Q = 3
param t: f32[Q] = ones()
net ff(x: f32[3]) -> f32[Q] = x |> Linear(Q)
net up(h: f32[Q]) -> f32[Q] = h * t
