data d from uniform(10, 1) { x: f32[1] }
fn t(y) = y
const u = (y) => y
const v = relu
loss l = 0 * sum(x)
train fit on d.train batch 4 epochs 1 { t <- 1 u <- 0.5 * u v <- v l <- 3 }

// error: RL0120 6:41 `t` is a function, and cannot be written
// help: `<-` writes a `param`, a `state`, or what a net owns
// error: RL0120 6:48 `u` is a function, and cannot be written
// help: `<-` writes a `param`, a `state`, or what a net owns
// error: RL0120 6:61 `v` is a function, and cannot be written
// help: `<-` writes a `param`, a `state`, or what a net owns
// error: RL0120 6:68 `l` is a loss, and cannot be written
// help: `<-` writes a `param` or a `state`
