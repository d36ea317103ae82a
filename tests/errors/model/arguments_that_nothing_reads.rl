// An argument that a function does not read is a mistake, and so is one that is given twice.
data d from uniform(20, 1, split = 1.0) { x: f32[4], m: f32[2, 3], c: f32[1, 4, 4] }
fn less(u, w) = u - w

eval shapes on d.train batch 4 {
  report sum(flip(m, 0)) as flipped
  report sum(flip(m, axis = 0)) as turned
  report sum(squeeze(m, over = 0)) as squeezed
  report sum(flatten(m, 1)) as flattened
  report sum(reshape(m, 6, order = 1)) as shaped
  report sum(permute(m, 1, 0, over = 1)) as permuted
  report sum(concat(m, m, axis = 0)) as joined
  report sum(expand(x, 3, over = 2)) as expanded
  report sum(spread(sum(m, over = 0), m, m, over = 0)) as spread_out
  let (a, b) = halves(x, over = 0)
  report sum(windows(c, size = 2, groups = 2)) as windowed
  report sum(x, mean = 1) as summed
  report max(x, x, over = 0) as largest
}
eval draws on d.train batch 4 {
  report sum(normal_noise(x, scale = 2)) as wide
  report sum(normal_noise(0, 1)) as ordinary
  report uniform_noise(low = -1) as low
}
eval calls on d.train batch 4 {
  report sum(less(x, u = x)) as subtracted
  report sum(x |> less(u = 1)) as piped
  report E[z ~ Normal(loc = 3, 1)](z) as drawn
  report sum((chain(i in 0..0) { Linear(4) })(x, 5)) as chained
}

// error: RL0104 6:22 `flip` does not take this argument
// help: flip(x, over = -1)
// error: RL0104 7:29 `flip` has no argument `axis`
// help: flip(x, over = -1)
// error: RL0104 8:32 `squeeze` has no argument `over`
// help: squeeze(x)
// error: RL0104 9:25 `flatten` does not take this argument
// help: flatten(x)
// error: RL0104 10:36 `reshape` has no argument `order`
// help: reshape(x, a, b)
// error: RL0104 11:38 `permute` has no argument `over`
// help: permute(x, 1, 0)
// error: RL0104 12:34 `concat` has no argument `axis`
// help: concat(a, b, over = -1)
// error: RL0104 13:24 `expand` does not take this argument
// help: expand(x, over = T)
// error: RL0104 14:42 `spread` does not take this argument
// help: spread(r, x, over = d)
// error: RL0104 15:33 `halves` has no argument `over`
// help: halves(x, swap = false)
// error: RL0104 16:44 `windows` has no argument `groups`
// help: windows(x, size = 2, stride = 1, pad = 0, dilation = 1)
// error: RL0104 17:24 `sum` has no argument `mean`
// help: sum(x, over = all)
// error: RL0104 18:10 `max` takes 1 argument, given 2
// help: max(x, over = all), max(a, b)
// error: RL0104 21:38 `normal_noise` has no argument `scale`
// help: normal_noise(), normal_noise(x)
// error: RL0104 22:14 `normal_noise` takes 1 argument, given 2
// help: normal_noise(), normal_noise(x)
// error: RL0104 23:30 `uniform_noise` has no argument `low`
// help: uniform_noise(), uniform_noise(x)
// error: RL0104 26:26 `u` of `less` is given in order and by its name
// help: less(u, w)
// error: RL0104 27:28 `u` of `less` is given in order and by its name
// help: less(u, w)
// error: RL0104 28:29 `loc` of `Normal` is given in order and by its name
// help: Normal(loc, scale)
// error: RL0104 29:14 a chain takes one argument
// help: write `x |> chain(...) { ... }`
