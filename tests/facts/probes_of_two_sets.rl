// Metrics that learn are fitted to the training rows of every data set of the phase.
data a from iris() { x: f32[4], y: idx(3) }
data b from iris(labels = "shuffled") { x: f32[4], y: idx(3) }
eval both on (a.test, b.test) batch 7 {
  report linear_probe(b.x, b.y) as probe, linear_r2(b.x, float(b.y)) as r2
}
eval alone on b.test batch 7 {
  report linear_probe(x, y) as probe_alone, linear_r2(x, float(y)) as r2_alone
}

// fact: probe = 0.4666666666666667
// fact: probe_alone = 0.4666666666666667
// fact: r2 = 0.03519500078328741
// fact: r2_alone = 0.03519500078328741
