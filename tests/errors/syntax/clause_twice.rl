train fit on d.train batch 3 batch 4 { track a }

// error: RL0014 1:30 this clause is given twice
// help: give each of `on`, `batch`, `epochs`, `steps`, `count`, `until` at most once
