prior p(z) { z ~ Normal(0, 1) }
}
loss a b

// error: RL0009 2:1 `}` closes nothing
// help: delete this `}`, or add the bracket that it should close
// error: RL0014 3:8 `=` is missing before `b`
// help: write `= b`
