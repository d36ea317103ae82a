train fit on d.train batch = 128 { track a }

// error: RL0014 1:28 `batch` takes no `=`
// help: write `batch 20`
