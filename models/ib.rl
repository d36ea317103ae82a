// ib.rl - the discrete information bottleneck (Tishby, Pereira and Bialek 1999): T keeps of X what tells of
// Y. Its self-consistent equations are assigned again and again, from R random starts; the best one counts.
// `--device reference` iterates in double precision.
dim X = 8, Y = 4, T = 2, R = 32
config beta: f32 = 5.0  // the worth of a nat about Y
config sweeps: int = 2000

data grid from one_hot(X) { row: f32[X], x: idx(X) }

// p(x) is uniform; p(y | x) is a table
fn rows(a: f32[X]) -> f32[X, Y] = spread(a, expand(iota(Y), over = X), over = 1)
fn about() -> f32[X, Y] = softmax(2 * cos(1.3 * expand(iota(Y), over = X) + rows(0.7 * iota(X)^2)))

// of one start: p(t), p(t, y), and the next p(t | x)
fn code(q: f32[X, T]) -> f32[T] = mean(q, over = 0)
fn both(q: f32[X, T]) -> f32[T, Y] = q.T @ about() / X
fn next(q: f32[X, T]) -> f32[X, T] = softmax(
  expand(log(code(q) + 1e-30), over = X)
  + beta * (about() @ (log(both(q) + 1e-30) - rows_t(log(code(q) + 1e-30))).T)
)
fn rows_t(a: f32[T]) -> f32[T, Y] = spread(a, expand(iota(Y), over = T), over = 1)

// information in nats, and what the iteration lowers
fn xlogx(p) = sum(p * log(p + 1e-30))
fn rate(q: f32[X, T]) -> f32 = xlogx(q) / X - xlogx(code(q))
fn worth(q: f32[X, T]) -> f32 = xlogx(both(q)) - xlogx(code(q)) - xlogx(mean(about(), over = 0))
fn cost(q: f32[X, T]) -> f32 = rate(q) - beta * worth(q)

state Q: f32[R, X, T] = uniform(0, 1)
// the last sweeps run in one step: between steps a state has single precision
fn best() -> f32[X, T] = last(scan(q = Q[argmax(-map(cost, Q))], t in 0..100) { return next(q) })

bottleneck q(t | x: idx(X)) { t: idx(T) ~ Categorical(probs = best()[x]) }
prior p(t) { t: idx(T) ~ Categorical(probs = code(best())) }

train start on grid.train batch X steps 1 {
  Q <- map((q) => q / spread(sum(q, over = 1), q, over = 1), Q)
}
train iterate on grid.train batch X steps sweeps { Q <- map(next, Q) }
eval found on grid.test batch X {
  report rate(best()) as information_of_x,
    worth(best()) as information_of_y,
    cost(best()) as lagrangian
  report max(abs(next(best()) - best())) as residual, KL(q(t | x) || p(t)) as coded
}
