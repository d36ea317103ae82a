// Whole numbers in states, states with a range, and shifts by the whole length.
data d from one_hot(n = 8) { x: f32[8] in 0..1, y: idx(8) }
state n: int = 0
state three: int[3] = 1
state zero: int = zeros()
state turn: idx(3) = zeros()
state level: f32 in 0..1 = 0.25
param held: int = 7
train t on d.train batch 2 steps 5 {
  n <- n + 1
  three <- three + 2
  turn <- (turn + 1) % 3
  level <- clip(level + 0.5, 0, 1)
  zero <- 3
}
eval e on d.test batch 3 {
  report float(n) as counted, sum(float(three)) as vector, float(zero) as written
  report float(turn) as turned, level, float(held) as kept, iota(8)[int(7 * level)] * 1.0 as row
  report sum(shift(x, 8)) as gone, sum(shift(x[0:1], 1, fill = 2)) as filled
}

// fact: counted = 5
// fact: vector = 33
// fact: written = 3
// fact: turned = 2
// fact: level = 1
// fact: kept = 7
// fact: row = 7
// fact: gone = 0
// fact: filled = 2
