//! Random expressions over the rows of a batch. In: a seed. Out: an expression that can be written as
//! text, and whose value on a whole batch follows from definitions that are written out here on
//! plain arrays, by nothing of the compiler.

use ndarray::{ArrayD, Axis, IxDyn, stack};
use std::fmt::Write;

pub type Array = ArrayD<f64>;

/// A dim: the number of rows, or a number.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Dim {
    Rows,
    N(usize),
}
use Dim::{N, Rows};

/// The fields of a batch, and the weight.
pub struct Batch {
    pub x: Array,
    pub s: Array,
    pub k: Array,
    pub w: Array,
}

/// A value: of each row (the first axis), or one for all.
#[derive(Clone)]
pub struct Val {
    pub varies: bool,
    pub of: Array,
}

/// The meaning of an expression on a batch.
type Meaning = Box<dyn Fn(&Batch) -> Val>;

/// A text with its meaning.
pub struct Expr {
    pub text: String,
    pub value: Meaning,
}

fn expr(text: String, value: impl Fn(&Batch) -> Val + 'static) -> Expr {
    Expr { text, value: Box::new(value) }
}

/// One value per row, from what each operand is in that row.
fn each(batch: &Batch, args: &[&Meaning], f: impl Fn(&[Array]) -> Array) -> Val {
    let args: Vec<Val> = args.iter().map(|arg| arg(batch)).collect();
    if args.iter().all(|arg| !arg.varies) {
        let args: Vec<Array> = args.into_iter().map(|arg| arg.of).collect();
        return Val { varies: false, of: f(&args) };
    }
    let row = |i: usize| {
        let pick = |arg: &Val| {
            if arg.varies { arg.of.index_axis(Axis(0), i).to_owned() } else { arg.of.clone() }
        };
        f(&args.iter().map(pick).collect::<Vec<_>>())
    };
    Val { varies: true, of: stacked((0..batch.s.len()).map(row)) }
}

fn stacked(rows: impl Iterator<Item = Array>) -> Array {
    let rows: Vec<Array> = rows.collect();
    stack(Axis(0), &rows.iter().map(|row| row.view()).collect::<Vec<_>>()).unwrap()
}

fn scalar(x: f64) -> Array {
    Array::from_elem(IxDyn(&[]), x)
}

fn sum(a: &Array) -> f64 {
    a.iter().sum()
}

fn logsumexp(a: &Array) -> f64 {
    let top = a.iter().fold(f64::NEG_INFINITY, |m, x| m.max(*x));
    top + a.iter().map(|x| (x - top).exp()).sum::<f64>().ln()
}

/// A reduction of every line along an axis.
fn along(a: &Array, axis: usize, f: impl Fn(&Array) -> f64) -> Array {
    a.map_axis(Axis(axis), |line| f(&line.to_owned().into_dyn()))
}

/// Repeated along an axis.
fn spread(r: &Array, axis: usize, n: usize) -> Array {
    let wide = r.clone().insert_axis(Axis(axis));
    let mut shape = wide.shape().to_vec();
    shape[axis] = n;
    wide.broadcast(shape).unwrap().to_owned()
}

fn matrix(a: &Array) -> ndarray::ArrayView2<'_, f64> {
    a.view().into_dimensionality().unwrap()
}

/// The whole batch as one value.
fn whole(batch: &Batch, arg: &Meaning) -> Val {
    let val = arg(batch);
    let of = if val.varies { val.of } else { spread(&val.of, 0, batch.s.len()) };
    Val { varies: false, of }
}

/// A generator of expressions.
pub struct Gen {
    state: u64,
    /// Whether rows may be mixed.
    pub mixing: bool,
}

impl Gen {
    pub fn new(seed: u64, mixing: bool) -> Gen {
        Gen { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, mixing }
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        (self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % n
    }

    pub fn unit(&mut self) -> f64 {
        (self.below(1 << 20) as f64 + 0.5) / f64::from(1 << 20)
    }

    /// An expression of a shape.
    pub fn of(&mut self, shape: &[Dim], depth: usize) -> Expr {
        if depth > 0 && self.below(3) == 0 {
            return self.elementwise(shape, depth - 1);
        }
        match shape {
            [] => self.number(depth),
            [N(3)] => self.vector(depth),
            [Rows] => self.column(depth),
            [Rows, N(3)] => self.table(depth),
            [Rows, Rows] => self.square(depth),
            other => panic!("no expression of {other:?}"),
        }
    }

    fn elementwise(&mut self, shape: &[Dim], depth: usize) -> Expr {
        let a = self.of(shape, depth);
        match self.below(6) {
            0 => expr(format!("tanh({})", a.text), move |b| {
                each(b, &[&a.value], |v| v[0].mapv(f64::tanh))
            }),
            1 => expr(format!("sigmoid({})", a.text), move |b| {
                each(b, &[&a.value], |v| v[0].mapv(|x| 1.0 / (1.0 + (-x).exp())))
            }),
            2 if !shape.is_empty() => {
                let c = self.of(&[], depth);
                expr(format!("({} * {})", c.text, a.text), move |b| {
                    each(b, &[&a.value, &c.value], |v| v[0].mapv(|x| x * v[1][[].as_slice()]))
                })
            }
            n => {
                let (sign, c) = (["+", "-", "*"][n % 3], self.of(shape, depth));
                expr(format!("({} {sign} {})", a.text, c.text), move |b| {
                    each(b, &[&a.value, &c.value], |v| match n % 3 {
                        0 => &v[0] + &v[1],
                        1 => &v[0] - &v[1],
                        _ => &v[0] * &v[1],
                    })
                })
            }
        }
    }

    fn number(&mut self, depth: usize) -> Expr {
        let d = depth.saturating_sub(1);
        let choices = if depth == 0 {
            3
        } else if self.mixing {
            14
        } else {
            6
        };
        match self.below(choices) {
            0 => expr("s".into(), |b| Val { varies: true, of: b.s.clone() }),
            1 => expr("float(k)".into(), |b| Val { varies: true, of: b.k.clone() }),
            2 => {
                let x = self.below(16) as f64 / 8.0 - 1.0;
                expr(format!("({x:?})"), move |_| Val { varies: false, of: scalar(x) })
            }
            3 => self.total(&[N(3)], d),
            4 => {
                let (a, i) = (self.of(&[N(3)], d), self.below(3));
                expr(format!("{}[{i}]", boxed(&a)), move |b| {
                    each(b, &[&a.value], |v| scalar(v[0][[i].as_slice()]))
                })
            }
            5 => {
                let a = self.of(&[N(3)], d);
                expr(format!("f({})[1]", a.text), move |b| {
                    let w = b.w.clone();
                    each(b, &[&a.value], move |v| {
                        scalar((0..3).map(|i| v[0][[i].as_slice()] * w[[i, 1].as_slice()]).sum())
                    })
                })
            }
            6 => {
                let a = self.of(&[], d);
                expr(format!("batch_mean({})", a.text), move |b| {
                    let all = whole(b, &a.value).of;
                    Val { varies: false, of: scalar(sum(&all) / all.len() as f64) }
                })
            }
            7 => expr("(B + 0.0)".into(), |b| Val { varies: false, of: scalar(b.s.len() as f64) }),
            8 => {
                let a = self.of(&[Rows], d);
                let (place, back) = [("0", false), ("-1", true)][self.below(2)];
                expr(format!("{}[{place}]", boxed(&a)), move |b| {
                    let at = if back { b.s.len() - 1 } else { 0 };
                    each(b, &[&a.value], |v| scalar(v[0][[at].as_slice()]))
                })
            }
            9 => {
                let a = self.of(&[Rows, N(3)], d);
                expr(format!("sized({})", a.text), move |b| {
                    each(b, &[&a.value], |v| scalar(sum(&v[0]) / v[0].shape()[0] as f64))
                })
            }
            10 => self.flat(d),
            11 => self.total(&[Rows, Rows], d),
            12 => self.total(&[Rows, N(3)], d),
            _ => self.total(&[Rows], d),
        }
    }

    /// A number from all elements.
    fn total(&mut self, shape: &[Dim], depth: usize) -> Expr {
        let a = self.of(shape, depth);
        let word = ["sum", "mean", "logsumexp", "max"][self.below(4)];
        expr(format!("{word}({})", a.text), move |b| {
            each(b, &[&a.value], |v| scalar(total(word, &v[0])))
        })
    }

    /// Elements in another arrangement.
    fn flat(&mut self, depth: usize) -> Expr {
        let a = self.of(&[Rows, N(3)], depth);
        match self.below(3) {
            0 => expr(format!("mean(reshape({}, -1)[2:])", a.text), move |b| {
                each(b, &[&a.value], |v| {
                    let list: Vec<f64> = v[0].iter().copied().skip(2).collect();
                    scalar(list.iter().sum::<f64>() / list.len() as f64)
                })
            }),
            1 => expr(format!("reshape({}, 3, B)[1, 0]", a.text), move |b| {
                each(b, &[&a.value], |v| {
                    let n = v[0].shape()[0];
                    scalar(v[0].iter().copied().nth(n).unwrap())
                })
            }),
            _ => expr(format!("dot(reshape({}, 3 * B), iota(3 * B))", a.text), move |b| {
                each(b, &[&a.value], |v| {
                    scalar(v[0].iter().enumerate().map(|(i, x)| i as f64 * x).sum())
                })
            }),
        }
    }

    fn vector(&mut self, depth: usize) -> Expr {
        let d = depth.saturating_sub(1);
        let choices = if depth == 0 {
            1
        } else if self.mixing {
            5
        } else {
            2
        };
        match self.below(choices) {
            0 => expr("x".into(), |b| Val { varies: true, of: b.x.clone() }),
            1 => {
                let a = self.of(&[], d);
                expr(format!("expand({}, over = 3)", a.text), move |b| {
                    each(b, &[&a.value], |v| spread(&v[0], 0, 3))
                })
            }
            2 => {
                let a = self.of(&[N(3)], d);
                expr(format!("batch_mean({})", a.text), move |b| {
                    let all = whole(b, &a.value).of;
                    let n = all.shape()[0] as f64;
                    Val { varies: false, of: along(&all, 0, |line| sum(line) / n) }
                })
            }
            3 => {
                let a = self.of(&[Rows, N(3)], d);
                expr(format!("{}[0]", boxed(&a)), move |b| {
                    each(b, &[&a.value], |v| v[0].index_axis(Axis(0), 0).to_owned())
                })
            }
            _ => self.reduced(0, d),
        }
    }

    /// A table reduced along one axis.
    fn reduced(&mut self, axis: usize, depth: usize) -> Expr {
        let a = self.of(&[Rows, N(3)], depth);
        let word = ["sum", "mean", "logsumexp", "max"][self.below(4)];
        expr(format!("{word}({}, over = {axis})", a.text), move |b| {
            each(b, &[&a.value], |v| along(&v[0], axis, |line| total(word, line)))
        })
    }

    fn column(&mut self, depth: usize) -> Expr {
        let d = depth.saturating_sub(1);
        match self.below(if depth == 0 { 1 } else { 5 }) {
            0 => {
                let a = self.of(&[], d);
                expr(format!("batch({})", a.text), move |b| whole(b, &a.value))
            }
            1 => self.reduced(1, d),
            2 => {
                let a = self.of(&[Rows, N(3)], d);
                expr(format!("map((r) => sum(f(r)^2), {})", a.text), move |b| {
                    let w = b.w.clone();
                    each(b, &[&a.value], move |v| {
                        let product = matrix(&v[0]).dot(&matrix(&w)).into_dyn();
                        along(&product.mapv(|x| x * x), 1, sum)
                    })
                })
            }
            3 => {
                let a = self.of(&[Rows], d);
                expr(format!("flip(cumsum({}))", a.text), move |b| {
                    each(b, &[&a.value], |v| {
                        let mut total = 0.0;
                        let sums = v[0].iter().map(|x| {
                            total += x;
                            total
                        });
                        let mut sums: Vec<f64> = sums.collect();
                        sums.reverse();
                        Array::from_shape_vec(IxDyn(&[sums.len()]), sums).unwrap()
                    })
                })
            }
            _ => expr("iota(B)".into(), |b| Val {
                varies: false,
                of: Array::from_shape_fn(IxDyn(&[b.s.len()]), |i| i[0] as f64),
            }),
        }
    }

    fn table(&mut self, depth: usize) -> Expr {
        let d = depth.saturating_sub(1);
        match self.below(if depth == 0 { 1 } else { 4 }) {
            0 => {
                let a = self.of(&[N(3)], d);
                expr(format!("batch({})", a.text), move |b| whole(b, &a.value))
            }
            1 => {
                let (a, t) = (self.of(&[Rows], d), self.of(&[Rows, N(3)], d));
                expr(format!("spread({}, {}, over = 1)", a.text, t.text), move |b| {
                    each(b, &[&a.value, &t.value], |v| spread(&v[0], 1, 3))
                })
            }
            2 => {
                let (a, axis) = (self.of(&[Rows, N(3)], d), self.below(2));
                expr(format!("softmax({}, over = {axis})", a.text), move |b| {
                    each(b, &[&a.value], |v| {
                        let norm = along(&v[0], axis, logsumexp);
                        (&v[0] - &spread(&norm, axis, v[0].shape()[axis])).mapv(f64::exp)
                    })
                })
            }
            _ => {
                let (a, t) = (self.of(&[Rows, Rows], d), self.of(&[Rows, N(3)], d));
                expr(format!("({} @ {}) / B", a.text, boxed(&t)), move |b| {
                    let n = b.s.len() as f64;
                    each(b, &[&a.value, &t.value], move |v| {
                        matrix(&v[0]).dot(&matrix(&v[1])).into_dyn() / n
                    })
                })
            }
        }
    }

    fn square(&mut self, depth: usize) -> Expr {
        let d = depth.saturating_sub(1);
        if depth == 0 {
            return expr("eye(B)".into(), |b| Val {
                varies: false,
                of: ndarray::Array2::eye(b.s.len()).into_dyn(),
            });
        }
        let (a, t) = (self.of(&[Rows, N(3)], d), self.of(&[Rows, N(3)], d));
        let text = match self.below(3) {
            0 => format!("({} @ {}.T)", boxed(&a), boxed(&t)),
            1 => format!("einsum(\"i d, j d -> i j\", {}, {})", a.text, t.text),
            _ => {
                format!("map((r) => map((q) => dot(r, q), {}), {})", t.text, a.text)
            }
        };
        expr(text, move |b| {
            each(b, &[&a.value, &t.value], |v| matrix(&v[0]).dot(&matrix(&v[1]).t()).into_dyn())
        })
    }
}

fn total(word: &str, a: &Array) -> f64 {
    match word {
        "sum" => sum(a),
        "mean" => sum(a) / a.len() as f64,
        "logsumexp" => logsumexp(a),
        _ => a.iter().fold(f64::NEG_INFINITY, |m, x| m.max(*x)),
    }
}

/// In brackets, where something is to follow.
fn boxed(e: &Expr) -> String {
    let mut text = String::new();
    let _ = write!(text, "({})", e.text);
    text
}
