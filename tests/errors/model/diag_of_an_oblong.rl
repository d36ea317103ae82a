data d from uci_digits() { x: f32[8, 8] in 0..1 }
eval t on d.test {
  report sum(diag(x[0:4])) as a
  report sum(zeros(0, 3)) as b
  report sum(full(x[0], 3)) as c
  report sum(zeros(2, value = 3)) as e
}

// error: RL0103 3:14 `diag` of `f32[4, 8] in 0..1`
// help: give it a vector or a square matrix
// error: RL0107 4:20 a dim is 0, and must be at least 1
// help: write a whole number of at least 1
// error: RL0103 5:19 `full` repeats a number, this is `f32[8] in 0..1`
// help: write `expand(value, over = n)`
// error: RL0104 6:31 `zeros` has no argument `value`
// help: zeros(n, m)
