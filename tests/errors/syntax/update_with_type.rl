train fit on d.train {
  a: f32 <- 3
}

// error: RL0014 2:6 an update with `<-` takes no type
// help: write `a <- ...`
