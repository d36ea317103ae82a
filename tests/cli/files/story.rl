data d from one_hot(3) { x: f32[3], i: idx(3) }
const letters = "abc"
sample names on d.test count 3 {
  emit spell(i, letters) as text
}
sample words on d.test count 3 {
  emit spell(i, ("the", "cat", "sat")) as last
}
