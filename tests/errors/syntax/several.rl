loss a b
config c = 1
prior p(z) { z Normal(0, 1) }
loss fine = a
const d = 2 ** 3

// error: RL0014 1:8 `=` is missing before `b`
// help: write `= b`
// error: RL0014 2:10 `c` needs a type
// help: write `config c: f32 = ...`
// error: RL0014 3:16 `~` is missing before `Normal`
// help: write `~ Normal`: `~` draws from a distribution
// error: RL0014 5:13 `**` is not an operator
// help: write `^` for a power
