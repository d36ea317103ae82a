dim D: int = 64

// error: RL0014 1:6 `D` takes no type here
// help: write `D = ...`
