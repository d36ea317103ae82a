data a from uniform(7, 1, split = 1.0) { x: f32[1] }
net f(t: f32) -> f32 { param w: f32 = constant(3) return w * t }
eval e on a.train batch 4 { report (if B > 3 then 1.0 else f(sum(x))) as v }
