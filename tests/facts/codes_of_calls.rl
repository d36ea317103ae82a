// The code of a net that takes no field: not the call of a reconstruction, nor one that is given
// less than the data, wherever they stand and whether a phase uses them or not.
data d from uniform(400, 2) { x: f32[2] }
encoder enc(x: f32[2]) -> f32[2] = 2 * x
bottleneck code(h: f32[2]) -> f32[2] = h
bottleneck other(h: f32[2]) -> f32[2] = h
bottleneck third(h: f32[2]) -> f32[2] = h
decoder flat(z: f32[2]) -> f32[2] = 0 * z
loss small = sum(third(enc(0.001 * x)))
loss plain = sum(code(enc(x)) + other(enc(x)) + third(enc(x)))
loss cycle = sum((code(enc(flat(code(enc(x))))) - code(enc(x)))^2)
loss unused = sum(other(enc(flat(other(enc(x))))))
eval e on d.train batch 50 { report plain, cycle, small }

// fact: code.active == 2
// fact: other.active == 2
// fact: third.active == 2
