const a = "[2J" "b"

// error: RL0014 1:18 `"b"` follows a value without an operator
// help: put an operator between `"\u{1b}[2J"` and `"b"`
