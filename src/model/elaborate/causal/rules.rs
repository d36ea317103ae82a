//! How the elements of a result follow from those of its operands, one rule for each kind of op. In: an op and what
//! is known of its operands. Out: the same of its result; an op without a rule depends on all that it is given.

use super::cells::{Cell, Cells, FAR_BELOW, Plane};
use super::price::MOST;
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
    let small = |shape: &[usize]| shape.iter().product::<usize>() <= MOST;
    let whole_first = !matches!(op.kind, Kind::Map | Kind::View)
        && small(&ty.shape)
        && args.iter().all(|arg| small(&arg.shape));
    if let Some(known) = whole_first.then(|| numbers(args)).flatten()
        && let Some(numbers) = whole(&known.iter().collect::<Vec<_>>())
    {
        return Cells::numbers(numbers);
    }
    if args.iter().all(|arg| arg.is_any()) {
        return Cells::any(&ty.shape);
    }
    match (op.kind, op.name) {
        (Kind::Map, _) => map(op, attrs, args, ty),
        (Kind::View, _) => view(op, attrs, args, ty),
        (Kind::Reduce, is::ARGMAX) => reduce(op, &[attrs.axis()], args[0], ty),
        (Kind::Reduce, _) => reduce(op, attrs.axes(), args[0], ty),
        (Kind::Contract, is::CONTRACT) => contract(attrs.labels(), [args[0], args[1]], ty),
        (Kind::Contract, is::CONV) => convolve(attrs.window(), [args[0], args[1]], ty),
        (Kind::Index, is::GATHER | is::TAKE_ALONG) => picked(op, attrs, [args[0], args[1]], ty),
        (Kind::Index, is::CUMSUM) => running(attrs, args[0]),
        (Kind::Index, is::ARGSORT) => lines(attrs, args[0]),
        _ => Cells::all(&ty.shape, args.iter().fold(0.0, |last: f64, arg| last.max(arg.last()))),
    }
}

/// The same elements in other places.
fn view(op: Op, attrs: &Attrs, args: &[&Cells], ty: &Ty) -> Cells {
    let x = args[0];
    let shaped = |plane: &Plane, narrow: &[usize]| {
        plane.to_shape(IxDyn(narrow)).expect("the same elements").to_owned()
    };
    match attrs {
        Attrs::Broadcast { dims, .. } => {
            let own = |d: usize| dims.iter().position(|to| *to == d).map_or(1, |i| x.narrow[i]);
            let narrow: Vec<usize> = (0..ty.shape.len()).map(own).collect();
            x.viewed(&ty.shape, &narrow, |plane| shaped(plane, &narrow))
        }
        Attrs::Perm(perm) => {
            let narrow: Vec<usize> = perm.iter().map(|d| x.narrow[*d]).collect();
            x.viewed(&ty.shape, &narrow, |plane| {
                plane.view().permuted_axes(perm.clone()).as_standard_layout().to_owned()
            })
        }
        _ => Cells::moved(args, &ty.shape, |planes| op.value(planes, attrs, ty).expect("a view")),
    }
}

/// All operands, where all of them are known.
fn numbers(args: &[&Cells]) -> Option<Vec<Plane>> {
    args.iter().map(|arg| arg.values()).collect()
}

/// An elementwise op.
fn map(op: Op, attrs: &Attrs, args: &[&Cells], ty: &Ty) -> Cells {
    let most = |d: usize| args.iter().map(|arg| arg.narrow[d]).max().unwrap_or(1);
    let narrow: Vec<usize> = (0..ty.shape.len()).map(most).collect();
    let known: Option<Vec<Plane>> = args.iter().map(|arg| arg.known_along(&narrow)).collect();
    let small = Ty::new(ty.dtype, narrow.clone());
    let values = known.and_then(|known| op.value(&known.iter().collect::<Vec<_>>(), attrs, &small));
    let values: Option<Vec<f64>> = values.map(|values| values.iter().copied().collect());
    let lists: Vec<Vec<Cell>> = args.iter().map(|arg| arg.cells(&narrow)).collect();
    let mut found = Vec::with_capacity(small.len());
    let mut all = vec![Cell::ANY; args.len()];
    for i in 0..small.len() {
        all.iter_mut().zip(&lists).for_each(|(cell, list)| *cell = list[i]);
        let number = values.as_ref().filter(|_| all.iter().all(|cell| !cell.known.is_nan()));
        found.push(number.map_or_else(|| one(op, &all), |values| Cell::number(values[i])));
    }
    Cells::each(&ty.shape, &narrow, &found)
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
            known if known.is_nan() && a.known == b.known => *a,
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

/// What is known of the elements that a reduction joins.
#[derive(Clone, Copy)]
struct Group {
    /// Of all, and of those that are not far below the others.
    latest: [f64; 2],
    low: bool,
    zeros: bool,
}

/// A reduction: the largest of several is none of those that are far below the others.
fn reduce(op: Op, axes: &[usize], x: &Cells, ty: &Ty) -> Cells {
    let kept: Vec<usize> = (0..x.shape.len()).filter(|d| !axes.contains(d)).collect();
    let narrow: Vec<usize> = kept.iter().map(|d| x.narrow[*d]).collect();
    let strides = strides(&x.narrow);
    let none = Group { latest: [0.0; 2], low: true, zeros: true };
    let mut groups = vec![none; narrow.iter().product()];
    for (flat, cell) in x.cells(&x.narrow).iter().enumerate() {
        let place = |at, d: &usize| at * x.narrow[*d] + flat / strides[*d] % x.narrow[*d];
        let group = &mut groups[kept.iter().fold(0, place)];
        group.latest[0] = group.latest[0].max(cell.latest);
        if !cell.is_low() {
            group.latest[1] = group.latest[1].max(cell.latest);
            group.low = false;
        }
        group.zeros &= cell.is_zero();
    }
    let chooses = [is::MAX_OF, is::LOGSUMEXP, is::ARGMAX].contains(&op.name);
    let join = |group: &Group| match op.name == is::SUM && group.zeros {
        true => Cell::number(0.0),
        false => Cell {
            latest: group.latest[usize::from(chooses && !group.low)],
            known: f64::NAN,
            low: chooses && group.low && op.name != is::ARGMAX,
        },
    };
    let cells: Vec<Cell> = groups.iter().map(join).collect();
    Cells::each(&ty.shape, &narrow, &cells)
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
        let mut cells = of.cells(&of.narrow);
        let wide = |d: &usize| of.narrow[*d] != 1;
        let mut shape: Vec<usize> = (0..labels.len()).filter(wide).map(|d| of.narrow[d]).collect();
        let mut labels: Vec<u8> = (0..labels.len()).filter(wide).map(|d| labels[d]).collect();
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
    // Dims of the result stand in the order of its labels.
    let size = |label: &u8| out.iter().find(|(l, _)| l == label).map_or(1, |(_, n)| *n);
    let narrow: Vec<usize> = spec.out.iter().map(size).collect();
    let own = strides(&narrow);
    let cell = |flat: usize| {
        let at = |label: u8| {
            let d = spec.out.iter().position(|l| *l == label).unwrap_or(0);
            flat / own[d] % narrow[d]
        };
        found[out.iter().fold(0, |all, (label, n)| all * n + at(*label))]
    };
    let cells: Vec<Cell> = (0..found.len()).map(cell).collect();
    Cells::each(&ty.shape, &narrow, &cells)
}

/// Windows: `x [N, C, S..]`, filters `[O, C / groups, K..]`; a tap whose weight is 0 reads nothing.
fn convolve(window: &Window, [x, w]: [&Cells; 2], ty: &Ty) -> Cells {
    let (xs, ws) = (x.cells(&x.shape), w.cells(&w.shape));
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
    Cells::each(&ty.shape, &ty.shape, &cells)
}

/// Rows of a table, or elements along a dim, by an index.
fn picked(op: Op, attrs: &Attrs, [x, i]: [&Cells; 2], ty: &Ty) -> Cells {
    if let Some(index) = i.values() {
        return Cells::moved(&[x], &ty.shape, |planes| {
            op.value(&[planes[0], &index], attrs, ty).expect("places that are known")
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
    let later = most.iter().zip(index.iter()).map(|(a, b)| a.max(*b)).collect();
    Cells::upto(Plane::from_shape_vec(IxDyn(&ty.shape), later).expect("one for each"))
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
    Cells::upto(latest)
}

/// An order along a dim: each of its elements depends on all of the line.
fn lines(attrs: &Attrs, x: &Cells) -> Cells {
    let (axis, _) = attrs.directed();
    let latest = x.latest();
    let most = latest.fold_axis(Axis(axis), 0.0, |a: &f64, b| a.max(*b)).insert_axis(Axis(axis));
    Cells::upto(most.broadcast(latest.raw_dim()).expect("lines").to_owned())
}
