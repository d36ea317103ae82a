eval e on d.test { report m = mean(x) }

// error: RL0014 1:29 the name of a figure stands behind it
// help: write `report e as name`
