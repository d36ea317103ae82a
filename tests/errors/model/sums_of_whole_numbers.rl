data d from one_hot(n = 8) { y: idx(8), k: idx(1000000000)[4] }
const ends = -(-9223372036854775807 - 1)
const quotient = (-9223372036854775807 - 1) / -1
eval e on d.train batch 4 {
  report float(sum(k)) as total
  report float(prod(k)) as product
  report float(cumsum(k)[3]) as running
  report float(k[0]^2) as square
  report float(sum(k[0:2]) + sum(y)) as fits
}

// error: RL0107 2:14 `0 - -9223372036854775808` has no integer value
// help: integers are at most 9223372036854775807; write a real: `2.0`
// error: RL0107 3:18 `-9223372036854775808 / -1` has no integer value
// help: integers are at most 9223372036854775807; write a real: `2.0`
// error: RL0107 5:16 whole numbers from 0 to 3999999996 do not fit 32 bits
// help: compute with reals: `float(...)`
// error: RL0107 6:16 whole numbers from 0 to 9.99999996e35 do not fit 32 bits
// help: compute with reals: `float(...)`
// error: RL0107 7:16 whole numbers from 0 to 3999999996 do not fit 32 bits
// help: compute with reals: `float(...)`
// error: RL0107 8:16 whole numbers from 0 to 9.99999998e17 do not fit 32 bits
// help: compute with reals: `float(...)`
