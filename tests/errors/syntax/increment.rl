train fit on d.train {
  count += 1
}

// error: RL0014 2:9 there is no `+=`
// help: write the update in full: `count <- count + ...`
