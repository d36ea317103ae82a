// Orders and running sums of whole numbers keep all digits, also beyond 2^24, where reals do not.
data d from uniform(4, 1, split = 1.0) { x: f32[1] }
fn large(i) = int(i) * 3 % 4 + 899999990
eval look on d.train batch 4 {
  let k = large(iota(4))
  let m = k % 500000000
  report float(cumsum(m)[3] - 1599999966) as running, float(cumsum(m)[1] - 799999983) as second
  report float(cumsum(0 - m)[3] + 1599999966) as down, float(cumsum(large(iota(4)) - 899999990)[3]) as small
  report float(argsort(k)[1]) as place, float(argsort(0 - k)[0]) as largest
  report float(sort(k)[3] - 899999993) as last, float(sort(0 - k)[0] + 899999993) as first
  report float((large(iota(4)) - 899999990)[1]^2) as square
}

// fact: running == 0
// fact: second == 0
// fact: down == 0
// fact: small == 6
// fact: place == 3
// fact: largest == 1
// fact: last == 0
// fact: first == 0
// fact: square == 9
