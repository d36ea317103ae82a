//! How the elements of a result follow from those of its operands, one rule for each kind of op. In: an op and what
//! is known of its operands. Out: the same of its result; an op without a rule depends on all that it is given.

use super::cells::{Cell, Cells, FAR_BELOW, Plane};
use crate::graph::attrs::{ContractSpec, Window};
use crate::graph::op::{Kind, Op, is};
use crate::graph::{Attrs, Ty};
use crate::model::ir::AxisId;
use ndarray::{Axis, IxDyn};

/// Sizes of axes.
pub type Sizes<'s> = &'s dyn Fn(AxisId) -> usize;

/// The result of an op on values that vary over axes.
pub fn apply(op: Op, attrs: &Attrs, args: &[&Cells], ty: &Ty, size: Sizes) -> Cells {
    let mut axes: Vec<AxisId> = args.iter().flat_map(|arg| arg.axes.clone()).collect();
    axes.sort_by_key(|axis| axis.0);
    axes.dedup();
    if axes.is_empty() {
        return plain(op, attrs, args, ty);
    }
    let sizes: Vec<(AxisId, usize)> = axes.iter().map(|axis| (*axis, size(*axis))).collect();
    let args: Vec<Cells> = args.iter().map(|arg| arg.along(&sizes)).collect();
    repeated(&args, &mut |args| plain(op, attrs, args, ty))
}

/// A rule for every element of the axes.
fn repeated(args: &[Cells], rule: &mut dyn FnMut(&[&Cells]) -> Cells) -> Cells {
    let axes = args.first().map_or(vec![], |arg| arg.axes.clone());
    if axes.is_empty() {
        return rule(&args.iter().collect::<Vec<_>>());
    }
    let n = args[0].shape[0];
    let one = |i: usize| {
        let args: Vec<Cells> = args.iter().map(|arg| arg.of_axis(i)).collect();
        args
    };
    let all: Vec<Cells> = (0..n).map(|i| repeated(&one(i), rule)).collect();
    let flat: Vec<Cells> = all.into_iter().map(|cells| cells.with_axes(vec![])).collect();
    Cells::stacked(&flat).with_axes(axes)
}

/// The result of an op on values that vary over no axis.
fn plain(op: Op, attrs: &Attrs, args: &[&Cells], ty: &Ty) -> Cells {
    let whole = |args: &[&Plane]| op.value(args, attrs, ty);
    if let Some(numbers) = numbers(args).and_then(|args| whole(&args)) {
        return Cells::numbers(numbers);
    }
    if args.iter().all(|arg| arg.is_any()) {
        return Cells::any(&ty.shape);
    }
    match (op.kind, op.name) {
        (Kind::Map, _) => map(op, attrs, args, ty),
        (Kind::View, _) => Cells::moved(args, &ty.shape, |planes| whole(planes).expect("a view")),
        (Kind::Reduce, is::ARGMAX) => reduce(op, &[attrs.axis()], args[0], ty),
        (Kind::Reduce, _) => reduce(op, attrs.axes(), args[0], ty),
        (Kind::Contract, is::CONTRACT) => contract(attrs.labels(), [args[0], args[1]], ty),
        (Kind::Contract, is::CONV) => convolve(attrs.window(), [args[0], args[1]], ty),
        (Kind::Index, is::GATHER | is::TAKE_ALONG) => picked(op, attrs, [args[0], args[1]], ty),
        (Kind::Index, is::CUMSUM) => running(attrs, args[0]),
        _ => Cells::all(&ty.shape, args.iter().fold(0.0, |last: f64, arg| last.max(arg.last()))),
    }
}

/// All operands, where all of them are known.
fn numbers<'c>(args: &[&'c Cells]) -> Option<Vec<&'c Plane>> {
    args.iter().map(|arg| arg.values()).collect()
}

/// An elementwise op.
fn map(op: Op, attrs: &Attrs, args: &[&Cells], ty: &Ty) -> Cells {
    let known: Option<Vec<&Plane>> = args.iter().map(|arg| arg.known()).collect();
    let values: Option<Vec<f64>> =
        known.and_then(|args| op.value(&args, attrs, ty)).map(|v| v.iter().copied().collect());
    let lists: Vec<Vec<Cell>> = args.iter().map(|arg| arg.cells()).collect();
    let cell = |i: usize| {
        let all: Vec<Cell> = lists.iter().map(|list| list[i]).collect();
        match values.as_ref().filter(|_| all.iter().all(|cell| !cell.known.is_nan())) {
            Some(values) => Cell::number(values[i]),
            None => one(op, &all),
        }
    };
    Cells::each(&ty.shape, (0..ty.len()).map(cell))
}

/// One element, whose operands are not all known.
fn one(op: Op, args: &[Cell]) -> Cell {
    let latest = args.iter().fold(0.0, |last: f64, arg| last.max(arg.latest));
    let rest = Cell { latest, ..Cell::ANY };
    let lowered = |low: bool| Cell { low, ..rest };
    // A mask that is added to something large masks nothing.
    let small = |cell: &Cell| cell.known.is_nan() || cell.known < 1e7;
    match (op.name, args) {
        (is::MUL, [a, b]) if a.is_zero() || b.is_zero() => Cell::number(0.0),
        (is::DIV, [a, _]) if a.is_zero() => Cell::number(0.0),
        (is::ADD, [a, b]) => lowered((a.is_low() && small(b)) || (b.is_low() && small(a))),
        (is::SUB, [a, b]) if b.known >= -FAR_BELOW => lowered(small(a)),
        (is::SUB, [a, b]) => {
            lowered(a.is_low() && !b.is_low() && (b.known.is_nan() || b.known > -1e7))
        }
        (is::MAX, [a, b]) if a.is_low() && !b.is_low() => *b,
        (is::MAX, [a, b]) if b.is_low() && !a.is_low() => *a,
        (is::MAX, [a, b]) => lowered(a.is_low() && b.is_low()),
        (is::SELECT, [c, a, b]) => match c.known {
            known if known.is_nan() => lowered(a.is_low() && b.is_low()),
            known if known != 0.0 => *a,
            _ => *b,
        },
        (is::EXP | is::SIGMOID | is::SOFTPLUS, [a]) if a.is_low() => Cell::number(0.0),
        (is::EQ | is::GT | is::GE, [a, b]) if a.is_low() && !b.is_low() => Cell::number(0.0),
        (is::NE | is::LT | is::LE, [a, b]) if a.is_low() && !b.is_low() => Cell::number(1.0),
        (is::EQ | is::LT | is::LE, [a, b]) if b.is_low() && !a.is_low() => Cell::number(0.0),
        (is::NE | is::GT | is::GE, [a, b]) if b.is_low() && !a.is_low() => Cell::number(1.0),
        (is::AND, [a, b]) if a.is_zero() || b.is_zero() => Cell::number(0.0),
        (is::OR, [a, b]) if a.known == 1.0 || b.known == 1.0 => Cell::number(1.0),
        _ => rest,
    }
}

/// Every group of elements that a reduction joins: the rule gets them all.
fn reduce(op: Op, axes: &[usize], x: &Cells, ty: &Ty) -> Cells {
    let kept: Vec<usize> = (0..x.shape.len()).filter(|d| !axes.contains(d)).collect();
    let cells = x.cells();
    let strides = strides(&x.shape);
    let mut groups: Vec<Vec<Cell>> = vec![Vec::new(); ty.len()];
    for (flat, cell) in cells.iter().enumerate() {
        let group =
            kept.iter().fold(0, |at, d| at * x.shape[*d] + flat / strides[*d] % x.shape[*d]);
        groups[group].push(*cell);
    }
    // The largest of several is none of those that are far below the others.
    let chooses = [is::MAX_OF, is::LOGSUMEXP, is::ARGMAX].contains(&op.name);
    let join = |group: &Vec<Cell>| {
        let low = chooses && group.iter().all(Cell::is_low);
        let counts = |cell: &&Cell| !chooses || low || !cell.is_low();
        let latest = group.iter().filter(counts).fold(0.0, |last: f64, cell| last.max(cell.latest));
        let zeros = op.name == is::SUM && group.iter().all(Cell::is_zero);
        match zeros {
            true => Cell::number(0.0),
            false => Cell { latest, known: f64::NAN, low: low && op.name != is::ARGMAX },
        }
    };
    Cells::each(&ty.shape, groups.iter().map(join))
}

fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for d in (1..shape.len()).rev() {
        strides[d - 1] = strides[d] * shape[d];
    }
    strides
}

/// An operand of a product by its labels, without those along which all elements are alike.
struct Operand {
    cells: Vec<Cell>,
    /// Label and stride.
    labels: Vec<(u8, usize, usize)>,
}

impl Operand {
    fn new(of: &Cells, labels: &[u8]) -> Operand {
        let (mut cells, mut shape) = (of.cells(), of.shape.clone());
        let mut labels: Vec<u8> = labels.to_vec();
        for d in (0..shape.len()).rev() {
            let (n, stride) = (shape[d], strides(&shape)[d]);
            let first = |flat: usize| flat - flat / stride % n * stride;
            let same = |a: &Cell, b: &Cell| a.latest == b.latest && a.is_zero() == b.is_zero();
            if n > 0 && cells.iter().enumerate().all(|(i, c)| same(c, &cells[first(i)])) {
                cells =
                    (0..cells.len()).filter(|i| i / stride % n == 0).map(|i| cells[i]).collect();
                shape.remove(d);
                labels.remove(d);
            }
        }
        let strides = strides(&shape);
        let labels = labels.iter().zip(&shape).zip(strides);
        Operand { cells, labels: labels.map(|((l, n), stride)| (*l, *n, stride)).collect() }
    }

    fn at(&self, place: &dyn Fn(u8) -> usize) -> Cell {
        self.cells[self.labels.iter().map(|(l, _, stride)| place(*l) * stride).sum::<usize>()]
    }
}

/// Sums of products: a term with a factor 0 is none.
fn contract(spec: &ContractSpec, args: [&Cells; 2], ty: &Ty) -> Cells {
    let [a, b] = [Operand::new(args[0], &spec.lhs), Operand::new(args[1], &spec.rhs)];
    let mut sizes: Vec<(u8, usize)> = Vec::new();
    for (label, n, _) in a.labels.iter().chain(&b.labels) {
        if sizes.iter().all(|(l, _)| l != label) {
            sizes.push((*label, *n));
        }
    }
    let out: Vec<(u8, usize)> =
        sizes.iter().copied().filter(|(l, _)| spec.out.contains(l)).collect();
    let summed: Vec<(u8, usize)> =
        sizes.iter().copied().filter(|(l, _)| !spec.out.contains(l)).collect();
    let count = |list: &[(u8, usize)]| list.iter().map(|(_, n)| n).product::<usize>();
    let place = |list: &[(u8, usize)], flat: usize, label: u8| {
        let mut rest = flat;
        for (l, n) in list.iter().rev() {
            if *l == label {
                return Some(rest % n);
            }
            rest /= n;
        }
        None
    };
    let term = |o: usize, s: usize| {
        let at = |label: u8| place(&out, o, label).or(place(&summed, s, label)).unwrap_or(0);
        let (x, y) = (a.at(&at), b.at(&at));
        (!x.is_zero() && !y.is_zero()).then(|| x.latest.max(y.latest))
    };
    let found: Vec<Cell> = (0..count(&out))
        .map(|o| {
            let terms: Vec<f64> = (0..count(&summed)).filter_map(|s| term(o, s)).collect();
            match terms.iter().copied().reduce(f64::max) {
                Some(latest) => Cell { latest, ..Cell::ANY },
                None => Cell::number(0.0),
            }
        })
        .collect();
    let own = strides(&ty.shape);
    let cell = |flat: usize| {
        let at = |label: u8| {
            let d = spec.out.iter().position(|l| *l == label).unwrap_or(0);
            flat / own[d] % ty.shape[d]
        };
        let small = out.iter().fold(0, |all, (label, n)| all * n + at(*label));
        found[small]
    };
    Cells::each(&ty.shape, (0..ty.len()).map(cell))
}

/// Windows: `x [N, C, S..]`, filters `[O, C / groups, K..]`; a tap whose weight is 0 reads nothing.
fn convolve(window: &Window, [x, w]: [&Cells; 2], ty: &Ty) -> Cells {
    let (xs, ws) = (x.cells(), w.cells());
    let (x_strides, w_strides, own) = (strides(&x.shape), strides(&w.shape), strides(&ty.shape));
    let rank = window.size.len();
    let channels = w.shape[1];
    // Where channels and filters are alike, one of each says all.
    let alike = |list: &[Cell], shape: &[usize], strides: &[usize], d: usize| {
        list.iter().enumerate().all(|(i, c)| {
            let first = list[i - i / strides[d] % shape[d] * strides[d]];
            c.latest == first.latest && c.is_zero() == first.is_zero()
        })
    };
    let flat_x = alike(&xs, &x.shape, &x_strides, 1);
    let flat_w = alike(&ws, &w.shape, &w_strides, 0) && alike(&ws, &w.shape, &w_strides, 1);
    let taps: usize = window.size.iter().product();
    let tap_strides = strides(&window.size);
    let filters = ty.shape[1] / window.groups;
    let one = |n: usize, o: usize, place: &[usize]| {
        let mut found: Option<f64> = None;
        for tap in 0..taps {
            let mut at = Some(0);
            for d in 0..rank {
                let k = tap / tap_strides[d] % window.size[d];
                let p = place[d] * window.stride[d] + k * window.dilation[d];
                let p = p.checked_sub(window.pad_low[d]).filter(|p| *p < window.input[d]);
                at = at.zip(p).map(|(at, p)| at + p * x_strides[d + 2]);
            }
            let Some(at) = at else { continue };
            let several = if flat_x && flat_w { 1 } else { channels };
            for c in 0..several {
                let weight = ws[o * w_strides[0] + c * w_strides[1] + tap];
                let from = xs[n * x_strides[0] + (o / filters * channels + c) * x_strides[1] + at];
                if !weight.is_zero() && !from.is_zero() {
                    let latest = from.latest.max(weight.latest);
                    found = Some(found.map_or(latest, |last| last.max(latest)));
                }
            }
        }
        match found {
            Some(latest) => Cell { latest, ..Cell::ANY },
            None => Cell::number(0.0),
        }
    };
    let mut cells: Vec<Cell> = Vec::with_capacity(ty.len());
    for flat in 0..ty.len() {
        let dim = |d: usize| flat / own[d] % ty.shape[d];
        let same = flat_x && flat_w && dim(1) > 0;
        let place: Vec<usize> = (0..rank).map(|d| dim(d + 2)).collect();
        cells.push(match same {
            true => cells[flat - dim(1) * own[1]],
            false => one(dim(0), dim(1), &place),
        });
    }
    Cells::each(&ty.shape, cells.into_iter())
}

/// Rows of a table, or elements along a dim, by an index.
fn picked(op: Op, attrs: &Attrs, [x, i]: [&Cells; 2], ty: &Ty) -> Cells {
    if let Some(index) = i.values() {
        return Cells::moved(&[x], &ty.shape, |planes| {
            op.value(&[planes[0], index], attrs, ty).expect("places that are known")
        });
    }
    let along = if op.name == is::GATHER { 0 } else { attrs.axis() };
    let most = x.latest().fold_axis(Axis(along), 0.0, |a: &f64, b| a.max(*b));
    let most = match op.name == is::GATHER {
        true => most.broadcast(IxDyn(&ty.shape)).expect("rows").to_owned(),
        false => {
            let most = most.insert_axis(Axis(along));
            most.broadcast(IxDyn(&ty.shape)).expect("elements").to_owned()
        }
    };
    // An index counts for all elements of its row.
    let mut index = i.latest();
    while index.ndim() < ty.shape.len() {
        let last = index.ndim();
        index = index.insert_axis(Axis(last));
    }
    let index = index.broadcast(IxDyn(&ty.shape)).expect("indices").to_owned();
    let cells = most.iter().zip(index.iter());
    Cells::each(&ty.shape, cells.map(|(a, b)| Cell { latest: a.max(*b), ..Cell::ANY }))
}

/// Running sums: an element depends on those before it.
fn running(attrs: &Attrs, x: &Cells) -> Cells {
    let (axis, reverse) = attrs.directed();
    let mut latest = x.latest();
    if reverse {
        latest.invert_axis(Axis(axis));
    }
    latest.accumulate_axis_inplace(Axis(axis), |before, here| *here = here.max(*before));
    if reverse {
        latest.invert_axis(Axis(axis));
    }
    let cells: Vec<Cell> = latest.iter().map(|x| Cell { latest: *x, ..Cell::ANY }).collect();
    Cells::each(&x.shape, cells.into_iter())
}
