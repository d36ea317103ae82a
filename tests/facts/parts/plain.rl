// Used by imports.rl without a name.
dim V = 5
fn width() -> f32 = V
net twice(x: f32[3]) -> f32[3] { param w: f32 = constant(2) return w * x }
