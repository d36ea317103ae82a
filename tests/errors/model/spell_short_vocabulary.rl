data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
sample s on d.test count 3 {
  emit spell(y, "abc") as text
}
// error: RL0103 3:17 indices up to 9 into a vocabulary of 3
// help: one entry per index
