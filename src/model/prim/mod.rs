//! Primitives of the language: what the prelude cannot write in `.rl`. One row per name; the
//! reference page and "did you mean" read the same table. Elementwise functions of one argument
//! come from the graph's op table.

mod bijection;
mod derivative;
mod draw;
mod ends;
mod filled;
pub mod metric;
mod shape;
mod special;
mod sums;
mod window;
mod words;

use crate::base::{Span, codes};
use crate::graph::{Op, op};
use crate::model::elaborate::builtin::{Builtins, Prim, Run, exactly};
use crate::model::elaborate::value::{Args, Value};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{ExprId, Static, Support};
use std::sync::LazyLock;

macro_rules! prims {
    ($($name:literal $usage:literal $doc:literal $run:expr;)*) => {
        /// Those with a function of their own.
        static OWN: &[Prim] =
            &[$(Prim { name: $name, usage: $usage, doc: $doc, run: Run::Own($run) }),*];
    };
}

prims! {
    "where" "where(c, a, b)" "`a` where `c` holds, else `b`." special::choose;
    "float" "float(x)" "Truth values and whole numbers as reals." special::float;
    "int" "int(x)" "Reals as whole numbers, cut off towards 0; a whole number without its declared range." special::int;
    "stop" "stop(x)" "The value, or every member of a record; no derivative flows through." special::stop;
    "sum" "sum(x, over = all)" "The sum over dims." sums::sum;
    "mean" "mean(x, over = all), mean(q(z | x))" "The mean over dims, or of a density." sums::mean;
    "max" "max(x, over = all), max(a, b)" "The largest over dims, or the larger of two." sums::max;
    "min" "min(x, over = all), min(a, b)" "The smallest over dims, or the smaller of two." sums::min;
    "prod" "prod(x, over = all)" "The product over dims." sums::prod;
    "logsumexp" "logsumexp(x, over = all)" "log(sum(exp(x))), without overflow." sums::logsumexp;
    "argmax" "argmax(x, over = -1)" "The index of the largest." sums::argmax;
    "cumsum" "cumsum(x, over = -1)" "Running sums." sums::cumsum;
    "argsort" "argsort(x, over = -1)" "The stable ascending order: equal values, as 0 and -0, stay in theirs; NaN comes last." sums::argsort;
    "sort" "sort(x, over = -1)" "The elements in ascending order." sums::sort;
    "variance" "variance(q(z | x))" "The variance of a density." sums::variance;
    "entropy" "entropy(q(z | x))" "The entropy of a density in nats." sums::entropy;
    "spread" "spread(r, x, over = d)" "A reduced `r` repeated to the shape of `x`." shape::spread;
    "expand" "expand(x, over = T)" "Repeated along new first dims." shape::expand;
    "reshape" "reshape(x, a, b)" "The same elements under other dims; -1 for what is left." shape::reshape;
    "flatten" "flatten(x)" "The same elements as one dim." shape::flatten;
    "squeeze" "squeeze(x)" "Without dims of 1." shape::squeeze;
    "permute" "permute(x, 1, 0)" "Dims in another order." shape::permute;
    "concat" "concat(a, b, over = -1)" "One after the other; a number counts as a vector of one." shape::concat;
    "flip" "flip(x, over = -1)" "Backwards." shape::flip;
    "halves" "halves(x, swap = false)" "The two halves of the last dim." shape::halves;
    "join" "join(a, b, swap = false)" "The inverse of halves." shape::join;
    "shift" "shift(x, n, fill = 0)" "Moved by n along the first dim." shape::shift;
    "ended" "ended(x)" "A sequence of indices up to its first 0, which counts too: of type `idx(V)[<= T]`, with zeros behind." ends::ended;
    "length" "length(x)" "How many places of the first dim of a sequence count." ends::length;
    "ends_like" "ends_like(y, x)" "A value whose first dim ends where that of another one does." ends::ends_like;
    "padded" "padded(x)" "A sequence that ends as one whose places all count, those behind its end too." ends::padded;
    "last" "last(x)" "The last along the first dim, of every member of a record." shape::last;
    "spell" "spell(s, \"abc\"), spell(s, (\"the\", \"cat\")), spell(s, data.field)" "Indices with their vocabulary, letters, words or what a field has, for `emit ... as text`." words::spell;
    "einsum" "einsum(\"a b, b c -> a c\", x, y)" "Sums of products by named dims." special::einsum;
    "conv" "conv(x, w, stride = 1, pad = 0, dilation = 1, groups = 1)" "Convolution of `x: f32[C, dims..]` with filters `w: f32[O, C / groups, window..]`; `pad = \"same\"` keeps the dims." window::conv;
    "conv_transpose" "conv_transpose(x, w, stride = 1, pad = 0, dilation = 1, groups = 1)" "The adjoint of `conv`: from `x: f32[C, dims..]` with `w: f32[C, O / groups, window..]`; `pad = \"same\"` multiplies the dims by the stride." window::conv_transpose;
    "windows" "windows(x, size = 2, stride = 1, pad = 0, dilation = 1)" "Every window of `x: f32[C, dims..]`: `[C, taps, dims..]`." window::windows;
    "pick" "pick(x, i)" "The element of the last dim at index i." special::pick;
    "segment_sum" "segment_sum(x, at, n)" "Sums of the rows of x that have one number: row k of n is the sum of all `x[i]` with `at[i] == k`, and 0 where there is none." special::segment_sum;
    "one_hot" "one_hot(i, n)" "1 at index i, 0 elsewhere." special::one_hot;
    "iota" "iota(n)" "0, 1, ..., n - 1 as reals." special::iota;
    "eye" "eye(n)" "The unit matrix." special::eye;
    "zeros" "zeros(n, m)" "Zeros of these dims; `zeros()` is one number, which fills a weight." filled::zeros;
    "ones" "ones(n, m)" "Ones of these dims; `ones()` is one number, which fills a weight." filled::ones;
    "full" "full(value, n, m)" "One number repeated over dims." filled::full;
    "diag" "diag(x)" "The diagonal of a square matrix, or the diagonal matrix of a vector." filled::diag;
    "copy" "copy(net)" "A net or density like another one, with weights and states of its own that start at the same values; `const target = copy(net)`." special::copy;
    "uniform_noise" "uniform_noise(), uniform_noise(x)" "Uniform noise on (0, 1), fresh in every step: a number, or in the shape of `x`." special::uniform_noise;
    "normal_noise" "normal_noise(), normal_noise(x)" "Standard normal noise, fresh in every step: a number, or in the shape of `x`." special::normal_noise;
    "training" "training()" "Whether this is a train phase." special::training;
    "step" "step()" "Number of finished steps of a train phase." special::step;
    "updates" "updates()" "Number of finished updates of a train phase: of steps, or inside of `repeat` of turns." special::updates;
    "steps" "steps()" "Number of all steps of a train phase." special::steps;
    "progress" "progress()" "Finished share of a train phase, 0 to 1; 1 where nothing is trained." special::progress;
    "fan_in" "fan_in()" "Inputs of the weight that is being initialized." special::fan_in;
    "fan_out" "fan_out()" "Outputs of the weight that is being initialized." special::fan_out;
    "once" "once(x)" "A value that no example enters, with draws that are taken once for the whole batch." draw::once::once;
    "batch" "batch(x)" "The whole batch, as first dim." special::batch;
    "batch_mean" "batch_mean(x)" "The mean over the batch." special::batch_mean;
    "grad" "grad(f, at = x)" "The gradient of a scalar function." derivative::grad;
    "jacobian" "jacobian(f, at = x)" "All derivatives, `[out, in]`." derivative::jacobian;
    "hessian" "hessian(f, at = x)" "Second derivatives of a scalar function." derivative::hessian;
    "jvp" "jvp(f, at = x, with = v)" "Jacobian times a direction." derivative::jvp;
    "vjp" "vjp(f, at = x, with = g)" "A cotangent times the Jacobian." derivative::vjp;
    "inverse" "inverse(f, at = y)" "The argument for which a bijection gives y." bijection::inverse;
    "log_det" "log_det(f, at = x)" "The logarithm of the size of the Jacobian's determinant of a bijection." bijection::log_det;
    "custom_inverse" "custom_inverse(f, at = x, inverse = g, log_det = h)" "f(x), with an inverse of your own: g undoes f, and h gives the logarithms of the slopes, of x or of x and f(x)." bijection::custom;
    "free_energy" "free_energy(p, v = v)" "-log p(v) of a product of factors, without its constant; what has no value is summed out." draw::energy::free_energy;
    "log_z" "log_z(p)" "The logarithm of the constant of a small product of factors: the sum over all its values." draw::energy::log_z;
    "ais" "ais(p, chains = 100, temps = 1000, v = odds), ais(p(z | x), chains = 10, temps = 1000, step = 0.1, leaps = 10)" "An estimate of `log_z(p)` by annealed importance sampling, for a product of factors of any size; from fair bits, or from bits with the log-odds given, categories with logits, reals with means. With a bar, of `log p(x)`: the integral over the reals in front of it, by Hamiltonian Monte Carlo from standard normals." draw::energy::ais;
    "pseudo_loglik" "pseudo_loglik(p, v = v)" "The sum of the log-probabilities of the bits of v, each given the others: one free energy for each." draw::energy::pseudo_loglik;
    "gibbs" "gibbs(p, v = v, steps = 1)" "What a chain of Gibbs sampling gives after so many sweeps from v; without a value from fair bits, even categories, standard normals." draw::energy::gibbs;
    "Autoregressive" "Autoregressive(logits = net), Autoregressive(f, order = all)" "The distribution of a sequence whose positions are drawn one after the other: the net gives the logits of every position from those before it, or `f(x)` is the distribution of all positions. It must not look ahead, which is proven; `order` is a permutation of the positions." draw::autoregressive::autoregressive;
    "metropolis" "metropolis(p, x = start, steps = 100, step = 0.5, warmup = 0)" "What a chain of random-walk Metropolis steps gives; `p(z | x)` leaves z to be drawn." draw::chain::metropolis;
    "langevin" "langevin(p, x = start, steps = 100, step = 0.1, adjust = true, warmup = 0)" "What a chain of Langevin steps gives; `adjust = false` accepts every step." draw::chain::langevin;
    "hmc" "hmc(p, x = start, steps = 100, step = 0.1, leaps = 10, warmup = 0)" "What a chain of Hamiltonian Monte Carlo gives." draw::chain::hmc;
    "nuts" "nuts(p, x = start, steps = 100, step = 0.1, depth = 6, warmup = 0)" "What a chain of the no-U-turn sampler gives; a step makes up to 2^depth - 1 leaps." draw::chain::nuts;
    "map" "map(f, xs), map(f, xs, ys)" "A function along the first dim of one value or of several." special::map;
    "elbo" "elbo(p, q)" "Evidence lower bound in nats (Kingma and Welling 2014)." special::elbo;
    "iwae" "iwae(p, q, k = 64)" "Importance-weighted bound in nats (Burda et al. 2016)." special::iwae;
}

/// The rows of the op table that files call by name.
static MAPS: LazyLock<Vec<Prim>> = LazyLock::new(|| {
    let called = op::table().filter(|op| !op.says.usage.is_empty());
    let prim = |op: Op| {
        let (usage, doc) = (op.says.usage, op.sentence());
        Prim { name: op.name, usage, doc, run: Run::Map(op) }
    };
    called.map(prim).collect()
});

/// All of them, for `elaborate`.
pub static BUILTINS: Builtins =
    Builtins { find, names: || all().map(|p| p.name).collect(), metric: metric::apply };

/// All primitives.
pub fn all() -> impl Iterator<Item = &'static Prim> {
    MAPS.iter().chain(OWN)
}

/// The primitive with this name.
pub fn find(name: &str) -> Option<&'static Prim> {
    all().find(|p| p.name == name)
}

fn usage(name: &str) -> &'static str {
    find(name).map_or("", |p| p.usage)
}

/// Exactly N tensors.
fn tensors<'a, const N: usize>(
    e: &mut Elab<'a>,
    name: &str,
    args: &mut Args<'a>,
    span: Span,
) -> Res<[ExprId; N]> {
    let values: [Value<'a>; N] = exactly(e, name, args, span)?;
    let mut ids = Vec::new();
    for value in &values {
        ids.push(e.tensor(value, span)?);
    }
    match ids.try_into() {
        Ok(ids) => Ok(ids),
        Err(_) => unreachable!("one id per value"),
    }
}

/// The dims that `over` names; all of them if it is absent.
fn over<'a>(
    e: &mut Elab<'a>,
    args: &mut Args<'a>,
    shape: &[usize],
    default: Option<i64>,
    span: Span,
) -> Res<Vec<usize>> {
    let Some((value, place)) = args.take("over") else {
        return match default {
            None => Ok((0..shape.len()).collect()),
            Some(n) => axis(e, n, shape, span).map(|a| vec![a]),
        };
    };
    match &value {
        Value::Dim(name, n) => named_axis(e, name, *n, shape, place).map(|a| vec![a]),
        Value::Tuple(parts) => {
            let mut axes = Vec::new();
            for part in parts {
                let n = e.int(part, "a dim", place)?;
                axes.push(axis(e, n, shape, place)?);
            }
            axes.sort_unstable();
            axes.dedup();
            Ok(axes)
        }
        Value::Static(Static::Str(all)) if all == "all" => Ok((0..shape.len()).collect()),
        other => {
            let n = e.int(other, "`over`", place)?;
            axis(e, n, shape, place).map(|a| vec![a])
        }
    }
}

/// The only dim with the size of a `dim`.
fn named_axis<'a>(
    e: &mut Elab<'a>,
    name: &str,
    n: i64,
    shape: &[usize],
    place: Span,
) -> Res<usize> {
    let hits: Vec<usize> = (0..shape.len()).filter(|i| shape[*i] == n as usize).collect();
    let dims = crate::model::elaborate::expr::types::dims(shape);
    let text = match hits.as_slice() {
        [one] => return Ok(*one),
        [] => format!("no dim of [{dims}] is {name} = {n}"),
        _ => format!("several dims of [{dims}] are {name} = {n}"),
    };
    e.fail(codes::RL0103, text, place, "count instead: `over = 0`")
}

fn axis<'a>(e: &mut Elab<'a>, n: i64, shape: &[usize], span: Span) -> Res<usize> {
    let at = if n < 0 { n + shape.len() as i64 } else { n };
    if at < 0 || at >= shape.len() as i64 {
        let text = format!("dim {n} of a value with {} dims", shape.len());
        return e.fail(codes::RL0103, text, span, "dims count from 0, or from the end with -1");
    }
    Ok(at as usize)
}

/// The support of a value whose elements are those of another.
fn support(e: &Elab<'_>, id: ExprId) -> Support {
    e.ty(id).support
}
