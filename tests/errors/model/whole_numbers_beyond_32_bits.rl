data d from one_hot(n = 8) { x: f32[8] in 0..1, y: idx(8) }
eval e on d.train batch 4 {
  report float(y * 1000000000 * 7) as product
  report float(y^40) as power
  report float(y^3) as cube
  report last(scan(h = 0.0, t in 0..2001) { return float(t * t * t) }) as turns
  report last(scan(h = 0.0, t in 2147483646..2147483649) { return h + float(t) }) as ends
}

// error: RL0107 3:16 whole numbers from 0 to 7000000000 do not fit 32 bits
// help: compute with reals: `float(...)`
// error: RL0107 4:16 whole numbers from 0 to 13841287201 do not fit 32 bits
// error: RL0107 6:58 whole numbers from 0 to 8000000000 do not fit 32 bits
// error: RL0107 7:34 2147483646..2147483649 does not fit whole numbers of 32 bits
