// `//` begins a comment, and in Python it is the whole quotient.
dim D = 8 // a dim
dim H = D // 2
config k: int = 7 // H
data d from one_hot(n = 8) { x: f32[8] }  // 8 rows
fn half(v) = sum(v) / (D //2)
  - 1)  // a quarter, 2
fn more(v) = sum(v)  // 2.5 * H + 1
eval e on d.test {
  report half(x) + more(x) * H / k  // "2"
}

// warning: RL0215 3:11 `// 2` is a comment
// help: a quotient is written `/`; of dims it must be exact, and `int(n / 2)` cuts off
// warning: RL0215 4:19 `// H` is a comment
// help: a quotient is written `/`; of dims it must be exact, and `int(n / 2)` cuts off
// warning: RL0215 6:26 `//2)` is a comment
// help: a quotient is written `/`; of dims it must be exact, and `int(n / 2)` cuts off
// warning: RL0215 8:22 `// 2.5 * H + 1` is a comment
// help: a quotient is written `/`; of dims it must be exact, and `int(n / 2)` cuts off
