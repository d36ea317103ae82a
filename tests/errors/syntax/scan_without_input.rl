const a = scan(h = h0) { return h }

// error: RL0014 1:22 `)` does not fit here
// help: `scan` reads, for instance, `scan(h = h0, x in xs) { return cell(h, x) }`
