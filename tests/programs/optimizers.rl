// Every optimizer and every schedule for 100 steps from a fixed start. tests/optimizers.rs compares
// the weights with tests/goldens/optimizers.txt, which tools/optimizers.py writes. The data plays no
// part: its values are multiplied by zero.
data d from uniform(2, 1, split = 1.0) { x: f32[1] }

fn start(from) = cos(iota(3) + from)
fn bowl(w: f32[3]) -> f32 =
    0.5 * sum((0.5 + iota(3)) * (w - sin(iota(3) + 1))^2) + 0.3 * sum(cos(2 * w)) + 0.2 * w[0] * w[1]
fn at(w: f32[3], x: f32[1]) -> f32 = bowl(w) + 0 * sum(x)
fn both(u: f32[3], v: f32[3], x: f32[1]) -> f32 = at(u, x) + 10 * at(v, x)

param sgd_u: f32[3] = start(0)
param sgd_momentum_u: f32[3] = start(0)
param sgd_decay_u: f32[3] = start(0)
param momentum_u: f32[3] = start(0)
param adam_u: f32[3] = start(0)
param adam_all_u: f32[3] = start(0)
param adamw_u: f32[3] = start(0)
param adamw_decay_u: f32[3] = start(0)
param rmsprop_u: f32[3] = start(0)
param rmsprop_all_u: f32[3] = start(0)
param adagrad_u: f32[3] = start(0)
param adagrad_eps_u: f32[3] = start(0)
param by_cosine_u: f32[3] = start(0)
param by_linear_u: f32[3] = start(0)
param by_exponential_u: f32[3] = start(0)
param by_warmup_u: f32[3] = start(0)
param by_warmup_cosine_u: f32[3] = start(0)
param clipped_sgd_u: f32[3] = start(0)
param clipped_sgd_v: f32[3] = start(2)
param clipped_adam_u: f32[3] = start(0)
param clipped_adam_v: f32[3] = start(2)

train by_sgd on d.train batch 2 steps 100 {
  minimize at(sgd_u, x) over sgd_u with sgd(lr = 0.05)
}
train by_sgd_momentum on d.train batch 2 steps 100 {
  minimize at(sgd_momentum_u, x) over sgd_momentum_u with sgd(lr = 0.02, momentum = 0.9)
}
train by_sgd_decay on d.train batch 2 steps 100 {
  minimize at(sgd_decay_u, x)
    over sgd_decay_u
    with sgd(lr = 0.05, momentum = 0.5, weight_decay = 0.1)
}
train by_momentum on d.train batch 2 steps 100 {
  minimize at(momentum_u, x) over momentum_u with momentum(lr = 0.02, m = 0.8)
}
train by_adam on d.train batch 2 steps 100 {
  minimize at(adam_u, x) over adam_u with adam(lr = 0.02)
}
train by_adam_all on d.train batch 2 steps 100 {
  minimize at(adam_all_u, x) over adam_all_u with adam(lr = 0.02, b1 = 0.8, b2 = 0.95, eps = 1e-3)
}
train by_adamw on d.train batch 2 steps 100 {
  minimize at(adamw_u, x) over adamw_u with adamw(lr = 0.02)
}
train by_adamw_decay on d.train batch 2 steps 100 {
  minimize at(adamw_decay_u, x) over adamw_decay_u with adamw(lr = 0.02, weight_decay = 0.3)
}
train by_rmsprop on d.train batch 2 steps 100 {
  minimize at(rmsprop_u, x) over rmsprop_u with rmsprop(lr = 0.01)
}
train by_rmsprop_all on d.train batch 2 steps 100 {
  minimize at(rmsprop_all_u, x) over rmsprop_all_u with rmsprop(lr = 0.01, decay = 0.99, eps = 1e-3)
}
train by_adagrad on d.train batch 2 steps 100 {
  minimize at(adagrad_u, x) over adagrad_u with adagrad(lr = 0.2)
}
train by_adagrad_eps on d.train batch 2 steps 100 {
  minimize at(adagrad_eps_u, x) over adagrad_eps_u with adagrad(lr = 0.2, eps = 1e-2)
}
train by_by_cosine on d.train batch 2 steps 100 {
  minimize at(by_cosine_u, x) over by_cosine_u with sgd(lr = cosine(0.05, 0.001))
}
train by_by_linear on d.train batch 2 steps 100 {
  minimize at(by_linear_u, x) over by_linear_u with sgd(lr = linear(0.05, 0.001))
}
train by_by_exponential on d.train batch 2 steps 100 {
  minimize at(by_exponential_u, x) over by_exponential_u with sgd(lr = exponential(0.05, 0.001))
}
train by_by_warmup on d.train batch 2 steps 100 {
  minimize at(by_warmup_u, x) over by_warmup_u with adam(lr = warmup(0.02, 30))
}
train by_by_warmup_cosine on d.train batch 2 steps 100 {
  minimize at(by_warmup_cosine_u, x)
    over by_warmup_cosine_u
    with adamw(lr = warmup_cosine(0.02, 20, 0.002))
}
train by_clipped_sgd on d.train batch 2 steps 100 {
  minimize both(clipped_sgd_u, clipped_sgd_v, x)
    over (clipped_sgd_u, clipped_sgd_v)
    with sgd(lr = 0.05, clip = 0.5)
}
train by_clipped_adam on d.train batch 2 steps 100 {
  minimize both(clipped_adam_u, clipped_adam_v, x)
    over (clipped_adam_u, clipped_adam_v)
    with adam(lr = 0.02, clip = 0.5)
}
eval all on d.train batch 2 {
  report sgd_u[0] as sgd_u0, sgd_u[1] as sgd_u1, sgd_u[2] as sgd_u2
  report sgd_momentum_u[0] as sgd_momentum_u0,
    sgd_momentum_u[1] as sgd_momentum_u1,
    sgd_momentum_u[2] as sgd_momentum_u2
  report sgd_decay_u[0] as sgd_decay_u0,
    sgd_decay_u[1] as sgd_decay_u1,
    sgd_decay_u[2] as sgd_decay_u2
  report momentum_u[0] as momentum_u0, momentum_u[1] as momentum_u1, momentum_u[2] as momentum_u2
  report adam_u[0] as adam_u0, adam_u[1] as adam_u1, adam_u[2] as adam_u2
  report adam_all_u[0] as adam_all_u0, adam_all_u[1] as adam_all_u1, adam_all_u[2] as adam_all_u2
  report adamw_u[0] as adamw_u0, adamw_u[1] as adamw_u1, adamw_u[2] as adamw_u2
  report adamw_decay_u[0] as adamw_decay_u0,
    adamw_decay_u[1] as adamw_decay_u1,
    adamw_decay_u[2] as adamw_decay_u2
  report rmsprop_u[0] as rmsprop_u0, rmsprop_u[1] as rmsprop_u1, rmsprop_u[2] as rmsprop_u2
  report rmsprop_all_u[0] as rmsprop_all_u0,
    rmsprop_all_u[1] as rmsprop_all_u1,
    rmsprop_all_u[2] as rmsprop_all_u2
  report adagrad_u[0] as adagrad_u0, adagrad_u[1] as adagrad_u1, adagrad_u[2] as adagrad_u2
  report adagrad_eps_u[0] as adagrad_eps_u0,
    adagrad_eps_u[1] as adagrad_eps_u1,
    adagrad_eps_u[2] as adagrad_eps_u2
  report by_cosine_u[0] as by_cosine_u0,
    by_cosine_u[1] as by_cosine_u1,
    by_cosine_u[2] as by_cosine_u2
  report by_linear_u[0] as by_linear_u0,
    by_linear_u[1] as by_linear_u1,
    by_linear_u[2] as by_linear_u2
  report by_exponential_u[0] as by_exponential_u0,
    by_exponential_u[1] as by_exponential_u1,
    by_exponential_u[2] as by_exponential_u2
  report by_warmup_u[0] as by_warmup_u0,
    by_warmup_u[1] as by_warmup_u1,
    by_warmup_u[2] as by_warmup_u2
  report by_warmup_cosine_u[0] as by_warmup_cosine_u0,
    by_warmup_cosine_u[1] as by_warmup_cosine_u1,
    by_warmup_cosine_u[2] as by_warmup_cosine_u2
  report clipped_sgd_u[0] as clipped_sgd_u0,
    clipped_sgd_u[1] as clipped_sgd_u1,
    clipped_sgd_u[2] as clipped_sgd_u2
  report clipped_sgd_v[0] as clipped_sgd_v0,
    clipped_sgd_v[1] as clipped_sgd_v1,
    clipped_sgd_v[2] as clipped_sgd_v2
  report clipped_adam_u[0] as clipped_adam_u0,
    clipped_adam_u[1] as clipped_adam_u1,
    clipped_adam_u[2] as clipped_adam_u2
  report clipped_adam_v[0] as clipped_adam_v0,
    clipped_adam_v[1] as clipped_adam_v1,
    clipped_adam_v[2] as clipped_adam_v2
}
