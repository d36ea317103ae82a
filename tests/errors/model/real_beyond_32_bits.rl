data d { x: f32[2] }
const far = 1e300 * 1e-290
loss a = sum(x) * 1e39
loss b = sum(x) - 3.5e38 + far

// error: RL0107 3:19 1e39 is beyond the reals of 32 bits
// help: `infinity` is beyond all
// error: RL0107 4:19 3.5e38 is beyond the reals of 32 bits
// help: `infinity` is beyond all
