// Literals that are added round what comes before them, as written.
data d from uniform(4, 1, split = 1.0) { x: f32[1] }
param m: f32 = constant(-3e38)
param r: f32 = constant(0.3)
param a: f32 = constant(41)
eval look on d.train batch 4 {
  report (m + 3e38 + 3e38) / 3e38 as big
  report (r + 12582912.0) - 12582912.0 as whole, (r - 12582912.0) + 12582912.0 as other
  report r + 1 + 2 as sum, a * 2 + a * 3 as five
  report sum(floor(expand(a, over = 16) / clip(a, 1, 100))) as rows
  report sum(expand(a, over = 16) % clip(a, 1, 100)) as rest
  report sum(float(int(expand(a, over = 16) / clip(a, 1, 100)))) as indices
}

// In 64 bits 0.3 is not rounded away.
// on: cpu
// fact: big == 1
// fact: whole == 0
// fact: other == 0
// fact: sum = 3.3
// fact: five == 205
// fact: rows == 16
// fact: rest == 0
// fact: indices == 16
