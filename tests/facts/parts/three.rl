// Used by scaled.rl.
net h(t: f32) -> f32 { param w: f32 = constant(3) return w * t }
