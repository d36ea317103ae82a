data d from uci_digits() { x: f32[64] in 0..1, y: idx(10) }
sample s on d.test count 3 {
  emit spell(y, "abcdefghij") as image
}
// error: RL0105 3:34 a text cannot be written as `image`
// help: write `as text`
