// Figures are means over exactly the rows of a split. 824 rows are eight batches of 100 and one of 24;
// 103 rows are less than a batch of 300. What mixes rows sees the rows that are there, once each.
data d from uniform(1030, 1) { x: f32[1] }

fn rows(x: f32[1]) -> f32 = sum(batch(1 + 0 * x[0]))

eval most on d.train batch 100 {
  let centered = x[0] - batch_mean(x[0])
  report centered, rows(x) as rows_seen, x[0] * 0 + 1 as one
}
eval few on d.test batch 300 {
  report rows(x) as all_rows
}

// fact: centered = 0
// (8 * 100 * 100 + 24 * 24) / 824
// fact: rows_seen = 97.786408
// fact: one = 1
// fact: all_rows = 103
