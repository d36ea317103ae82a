let a = 3

// error: RL0014 1:1 `let` opens no declaration
// help: at top level write `const name = ...`; `let` belongs in a body in braces
