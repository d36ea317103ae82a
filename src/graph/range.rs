//! What is known of a node's values without running the graph. In: a graph. Out: for every node an
//! interval, and whether a value that is not finite can arise from finite operands; for an op, whether
//! it chooses between elements. Derivatives ask; nothing here computes a value.

use super::attrs::Scan;
use super::op::control::{SCAN, STOP};
use super::op::map::{CAST, EQ, EXP, MUL, SELECT, SUB};
use super::op::reduce::{LOGSUMEXP, MAX_OF, SUM};
use super::op::view::{BROADCAST, RESHAPE};
use super::{Attrs, DType, Graph, InputRole, Node, NodeId, Op};

/// How a value may come to be not finite although inputs and weights are moderate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wild {
    /// It does not.
    No,
    /// By growth: an exponential of a large number, a product of numbers without a bound.
    Grows,
    /// At a place where a formula is not defined, like `log(0)`.
    Breaks,
}

impl Wild {
    /// It breaks, unless a formula is defined for all operands.
    pub fn unless(self, defined: bool) -> Wild {
        if defined { self } else { Wild::Breaks }
    }
}

/// Values of a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// No element is less.
    pub low: f64,
    /// No element is larger.
    pub high: f64,
    /// Whether some may be not finite.
    pub wild: Wild,
}

/// Exponentials of more are beyond the numbers of a device.
const MOST_EXPONENT: f64 = 80.0;
/// A factor below this is no growth.
const MOST_FACTOR: f64 = (1 << 20) as f64;
/// Far below the largest number of a device.
const LARGE: f64 = 1e30;
/// The largest number of a device.
pub const LARGEST: f64 = f32::MAX as f64;
/// How far [`of`] looks.
const DEPTH: usize = 12;

impl Range {
    /// Nothing is known but that values are finite.
    pub const ANY: Range = Range { low: f64::NEG_INFINITY, high: f64::INFINITY, wild: Wild::No };

    /// Values between two ends.
    pub fn new(low: f64, high: f64, wild: Wild) -> Range {
        // Infinities of both signs in one formula: nothing is known.
        let (low, high) = if low.is_nan() || high.is_nan() {
            (f64::NEG_INFINITY, f64::INFINITY)
        } else {
            (low, high)
        };
        Range { low, high, wild }
    }

    /// Values that may be no numbers at all.
    const GAPS: Range = Range { wild: Wild::Breaks, ..Range::ANY };

    /// No value is farther from 0.
    fn bound(&self) -> f64 {
        self.high.max(-self.low)
    }

    /// Whether the inverses are numbers of a device, and not so small that it may take them for 0.
    pub fn inverts(&self) -> bool {
        // The inverse of a larger one is below the normal numbers of 32 bits.
        const MOST: f64 = 8e37;
        (self.low >= 1.0 / MOST && self.high <= MOST)
            || (self.high <= -1.0 / MOST && self.low >= -MOST)
    }

    /// How wild an exponential of it is.
    pub fn grows(&self, wild: Wild) -> Wild {
        if self.high <= MOST_EXPONENT { wild } else { wild.max(Wild::Grows) }
    }

    /// Whether no value is negative.
    pub fn nonnegative(&self) -> bool {
        self.low >= 0.0
    }
}

/// The ranges of nodes up to `last`.
pub fn all(g: &Graph, last: NodeId) -> Vec<Range> {
    let mut ranges: Vec<Range> = Vec::with_capacity(last.0 as usize + 1);
    for id in (0..=last.0).map(NodeId) {
        let mut range = step(g, id, DEPTH, &|arg| ranges[arg.0 as usize]);
        if let Attrs::Scan(scan) = &g.node(id).attrs
            && let Some(last) = scan.body.ids().last()
        {
            let inside = all(&scan.body, last);
            range.wild = inside.iter().map(|r| r.wild).max().unwrap_or(Wild::No).max(range.wild);
        }
        ranges.push(range);
    }
    ranges
}

/// The range of one node, from the formulas near to it.
pub fn of(g: &Graph, id: NodeId) -> Range {
    near(g, id, DEPTH)
}

/// The role of a value in a loop that it comes into.
pub fn role(g: &Graph, value: NodeId) -> InputRole {
    match of(g, value) {
        known if known.wild == Wild::Breaks => InputRole::Gaps,
        known if known.nonnegative() && known.high <= 1.0 && known.wild == Wild::No => {
            InputRole::Unit
        }
        known if known.nonnegative() && known.wild == Wild::Grows => InputRole::Growing,
        known if known.nonnegative() => InputRole::Positive,
        _ => InputRole::Other,
    }
}

/// The body of a loop, in which it is known of carries that none of their values is negative: they start
/// so, and what the body makes of such carries is so again. Of others it is known that they may be other
/// than finite: they start so, or become so.
pub fn carried(body: Graph, starts: &[Range]) -> Graph {
    let positive = |range: Range| range.nonnegative() && range.wild != Wild::Breaks;
    let name = |at: usize| format!("c{at}");
    let mut held: Vec<usize> = (0..starts.len()).filter(|at| positive(starts[*at])).collect();
    for _ in 0..ROUNDS {
        let known = body.with_role(InputRole::Positive, &held.iter().copied().map(name).collect());
        let before = held.len();
        held.retain(|at| positive(of(&known, known.outputs[*at].1)));
        if held.len() == before {
            return wild_carries(known, starts, &held);
        }
    }
    wild_carries(body, starts, &[])
}

/// Each round looks at the whole body, and few carries change because another one has.
const ROUNDS: usize = 8;

fn wild_carries(mut body: Graph, starts: &[Range], positive: &[usize]) -> Graph {
    let (mut wild, mut calm): (Vec<usize>, Vec<usize>) =
        (0..starts.len()).partition(|at| starts[*at].wild > Wild::No);
    for _ in 0..ROUNDS {
        for (role, grows) in [(InputRole::Growing, true), (InputRole::Gaps, false)] {
            let own = wild.iter().filter(|at| positive.contains(at) == grows);
            body = body.with_role(role, &own.map(|at| format!("c{at}")).collect());
        }
        let becomes = |at: &usize| of(&body, body.outputs[*at].1).wild > Wild::No;
        let (more, left): (Vec<usize>, Vec<usize>) = calm.iter().partition(|at| becomes(at));
        if more.is_empty() {
            break;
        }
        wild.extend(more);
        calm = left;
    }
    body
}

/// The range of a result of a loop: what the body gives, and of a carry what it starts with.
fn result(scan: &Scan, index: usize, args: &[Range], depth: usize) -> Range {
    let range = near(&scan.body, scan.body.outputs[index].1, depth);
    match args.get(index).filter(|_| index < scan.carries) {
        Some(start) => Range::new(
            range.low.min(start.low),
            range.high.max(start.high),
            range.wild.max(start.wild),
        ),
        None => range,
    }
}

fn near(g: &Graph, id: NodeId, depth: usize) -> Range {
    if depth == 0 { Range::ANY } else { step(g, id, depth - 1, &|arg| near(g, arg, depth - 1)) }
}

fn step(g: &Graph, id: NodeId, depth: usize, known: &dyn Fn(NodeId) -> Range) -> Range {
    let node = g.node(id);
    let args: Vec<Range> = node.args.iter().map(|a| known(*a)).collect();
    let wild = args.iter().map(|r| r.wild).max().unwrap_or(Wild::No);
    let range = match &node.attrs {
        Attrs::Const(real, _) => {
            let wild = if real.0.is_finite() { Wild::No } else { Wild::Breaks };
            Range::new(real.0, real.0, wild)
        }
        Attrs::Input { role: InputRole::Gaps, .. } => Range::GAPS,
        Attrs::Input { role: InputRole::Positive, .. } => Range { low: 0.0, ..Range::ANY },
        Attrs::Input { role: InputRole::Growing, .. } => {
            Range { low: 0.0, wild: Wild::Grows, ..Range::ANY }
        }
        Attrs::Input { role: InputRole::Unit, .. } => Range::new(0.0, 1.0, Wild::No),
        Attrs::Noise { kind, .. } => {
            let (low, high) = kind.row().bounds;
            Range::new(low, high, Wild::No)
        }
        Attrs::Contract(spec) => {
            let own = node.args[0] == node.args[1] && spec.lhs == spec.rhs;
            let wild = wild.max(growth(&args[0], &args[1]));
            let positive = own || args.iter().all(Range::nonnegative);
            Range { low: if positive { 0.0 } else { f64::NEG_INFINITY }, wild, ..Range::ANY }
        }
        Attrs::Result { index, .. } => match &g.node(node.args[0]).attrs {
            Attrs::Scan(scan) => {
                let starts = &g.node(node.args[0]).args[..scan.carries];
                let starts: Vec<Range> = starts.iter().map(|a| known(*a)).collect();
                let range = result(scan, *index, &starts, depth);
                Range { wild: range.wild.max(wild), ..range }
            }
            _ => Range { wild, ..Range::ANY },
        },
        _ => special(g, node, &args, wild).unwrap_or_else(|| ruled(node.op, &args, wild)),
    };
    // Whole numbers and truth values are numbers, whatever they are made of.
    let real = node.ty.dtype == DType::F32 || node.op == &SCAN;
    if real { range } else { Range { wild: Wild::No, ..range } }
}

/// What holds for a node beside the rule of its row, because of how its operands are made.
fn special(g: &Graph, node: &Node, args: &[Range], wild: Wild) -> Option<Range> {
    let op = node.op;
    if op == &SUM && is_share(g, node) {
        return Some(Range::new(1.0, LARGE, wild));
    }
    if op == &SUB && below(g, node, &[&MAX_OF, &LOGSUMEXP]).is_some() {
        return Some(Range::new(args[0].low - args[1].high, 0.0, wild));
    }
    let same = op == &MUL && node.args[0] == node.args[1];
    same.then(|| square(&args[0], wild))
}

/// By the rule of the row, within the values that its op can give.
fn ruled(op: Op, args: &[Range], wild: Wild) -> Range {
    let range = (op.range)(args, wild);
    let (low, high) = op.image.bounds();
    Range::new(range.low.max(low), range.high.min(high), range.wild)
}

/// Rule of a view: it holds its operands' values.
pub fn hull(args: &[Range], wild: Wild) -> Range {
    let low = args.iter().map(|r| r.low).fold(f64::NAN, f64::min);
    let high = args.iter().map(|r| r.high).fold(f64::NAN, f64::max);
    Range::new(low, high, wild)
}

/// The same of one that pads.
pub fn hull_and_zero(args: &[Range], wild: Wild) -> Range {
    let zero = Range::new(0.0, 0.0, wild);
    hull(&[args, &[zero]].concat(), wild)
}

/// Rule of an op that gives elements of its first operand.
pub fn first(args: &[Range], wild: Wild) -> Range {
    Range { wild, ..args[0] }
}

/// Rule of a sum of elements.
pub fn sum(args: &[Range], wild: Wild) -> Range {
    let x = args[0];
    let low = if x.low >= 0.0 { x.low } else { f64::NEG_INFINITY };
    let high = if x.high <= 0.0 { x.high } else { f64::INFINITY };
    Range::new(low, high, wild)
}

/// Rule of sums of some elements each, perhaps of none.
pub fn sums(args: &[Range], wild: Wild) -> Range {
    let low = if args[0].nonnegative() { 0.0 } else { f64::NEG_INFINITY };
    Range { low, wild, ..Range::ANY }
}

/// Rule of a product of elements.
pub fn prod(args: &[Range], wild: Wild) -> Range {
    let x = args[0];
    let wild = if x.bound() <= 1.0 { wild } else { wild.max(Wild::Grows) };
    Range { low: if x.low >= 0.0 { 0.0 } else { f64::NEG_INFINITY }, wild, ..Range::ANY }
}

fn is_share(g: &Graph, sum: &Node) -> bool {
    matches!(&sum.attrs, Attrs::Axes(axes) if above_one(g, sum.args[0], axes))
}

/// The literal behind repeats.
fn literal(r: &Range) -> Option<f64> {
    (r.low == r.high).then_some(r.low)
}

fn square(a: &Range, wild: Wild) -> Range {
    let ends = (a.low * a.low, a.high * a.high);
    let low = if a.low <= 0.0 && a.high >= 0.0 { 0.0 } else { ends.0.min(ends.1) };
    Range::new(low, ends.0.max(ends.1), wild.max(growth(a, a)))
}

/// Whether a product of moderate numbers can be beyond all numbers.
fn growth(a: &Range, b: &Range) -> Wild {
    let (a, b) = (a.bound(), b.bound());
    if a.min(b) <= MOST_FACTOR || a * b <= LARGE { Wild::No } else { Wild::Grows }
}

/// Rule of a product.
pub fn product(a: &Range, b: &Range, wild: Wild) -> Range {
    // Zero times an unbounded end is zero: the values themselves are finite.
    let times = |x: f64, y: f64| if x == 0.0 || y == 0.0 { 0.0 } else { x * y };
    let ends =
        [times(a.low, b.low), times(a.low, b.high), times(a.high, b.low), times(a.high, b.high)];
    let low = ends.iter().copied().fold(f64::INFINITY, f64::min);
    let wild = wild.max(growth(a, b));
    Range::new(low, ends.iter().copied().fold(f64::NEG_INFINITY, f64::max), wild)
}

/// Rule of a quotient.
pub fn quotient(a: &Range, b: &Range, wild: Wild) -> Range {
    if b.low > 0.0 && b.low.is_finite() {
        return product(a, &Range::new(1.0 / b.high, 1.0 / b.low, wild), wild);
    }
    let low = if a.low >= 0.0 && b.low >= 0.0 { 0.0 } else { f64::NEG_INFINITY };
    Range { low, wild, ..Range::ANY }
}

/// Rule of a power.
pub fn power(base: &Range, exponent: &Range, wild: Wild) -> Range {
    let whole = literal(exponent).filter(|e| e.fract() == 0.0 && *e >= 0.0);
    let even = whole.is_some_and(|e| e % 2.0 == 0.0);
    let defined = base.low > 0.0 || whole.is_some() || (base.low >= 0.0 && exponent.low >= 0.0);
    let low = if even || base.low >= 0.0 { 0.0 } else { f64::NEG_INFINITY };
    let most = exponent.bound().max(0.0);
    let grows = base.bound() > 1.0 && most > 1.0 && base.bound().powf(most) > LARGE;
    let grown = if grows { Wild::Grows } else { Wild::No };
    Range { low, wild: if defined { wild.max(grown) } else { Wild::Breaks }, ..Range::ANY }
}

/// Of `x` less one of these reductions of `x`, which no element exceeds: the axes that it runs over.
fn below(g: &Graph, node: &Node, tops: &[Op]) -> Option<Vec<usize>> {
    let (mut top, mut views) = (node.args[1], Vec::new());
    while [&BROADCAST, &STOP, &RESHAPE].contains(&g.node(top).op) {
        views.push(top);
        top = g.node(top).args[0];
    }
    let Attrs::Axes(axes) = &g.node(top).attrs else { return None };
    if !tops.contains(&g.node(top).op) || g.node(top).args[0] != node.args[0] {
        return None;
    }
    // Which dim of the operand each dim of the view is.
    let mut dims: Vec<Option<usize>> =
        (0..node.ty.rank()).filter(|d| !axes.contains(d)).map(Some).collect();
    for id in views.into_iter().rev() {
        dims = viewed(g, g.node(id), &dims)?;
    }
    let stays = |d: usize| axes.contains(&d) || node.ty.shape[d] == 1 || dims[d] == Some(d);
    (0..node.ty.rank()).all(stays).then(|| axes.clone())
}

/// Where dims are after a view of them.
fn viewed(g: &Graph, view: &Node, dims: &[Option<usize>]) -> Option<Vec<Option<usize>>> {
    match &view.attrs {
        Attrs::Broadcast { shape, dims: places } => {
            let mut made = vec![None; shape.len()];
            places.iter().zip(dims).for_each(|(place, dim)| made[*place] = *dim);
            Some(made)
        }
        Attrs::Shape(shape) => {
            let from = g.shape(view.args[0]);
            let long = |shape: &[usize]| -> Vec<usize> {
                shape.iter().copied().filter(|n| *n != 1).collect()
            };
            let mut left = from.iter().zip(dims).filter(|(n, _)| **n != 1).map(|(_, dim)| *dim);
            let made = shape.iter().map(|n| if *n == 1 { None } else { left.next().flatten() });
            (long(from) == long(shape)).then(|| made.collect())
        }
        _ => Some(dims.to_vec()),
    }
}

/// Whether it is `x - max(x)`, the largest over some of these axes, perhaps with 0 and minus infinity
/// in its place where scores are not finite: the largest along the axes is 0.
pub fn below_largest(g: &Graph, id: NodeId, axes: &[usize]) -> bool {
    let node = g.node(id);
    if node.op == &SELECT {
        return is_top(g, node.args[2]) && below_largest(g, node.args[1], axes);
    }
    let inside = |over: Vec<usize>| over.iter().all(|axis| axes.contains(axis));
    node.op == &SUB && below(g, node, &[&MAX_OF]).is_some_and(inside)
}

/// Whether it is 0 at the largest, and minus infinity elsewhere.
fn is_top(g: &Graph, id: NodeId) -> bool {
    let node = g.node(id);
    if node.op != &SELECT {
        return false;
    }
    let is = |arg: usize, value: f64| g.literal(node.args[arg]) == Some(value);
    g.node(node.args[0]).op == &EQ && is(1, 0.0) && is(2, f64::NEG_INFINITY)
}

/// Whether the sum of this along axes is that of exponentials of `x - max(x)`, which is 1 at the
/// largest.
fn above_one(g: &Graph, id: NodeId, axes: &[usize]) -> bool {
    g.node(id).op == &EXP && below_largest(g, g.node(id).args[0], axes)
}

/// Whether a node may give nothing to some elements of an operand where something comes in: it
/// chooses. A product with a truth value chooses too.
pub fn chooses(g: &Graph, id: NodeId, operand: usize) -> bool {
    let node = g.node(id);
    node.op.chooses || (node.op == &MUL && is_mask(g, node.args[1 - operand]))
}

/// Whether it is a truth value as a number, perhaps repeated.
fn is_mask(g: &Graph, mut id: NodeId) -> bool {
    while [&BROADCAST, &RESHAPE].contains(&g.node(id).op) {
        id = g.node(id).args[0];
    }
    let node = g.node(id);
    node.op == &CAST && g.ty(node.args[0]).dtype == DType::Bool
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Ty;

    #[test]
    fn what_is_known_of_usual_formulas() {
        let g = &mut Graph::new();
        let x = g.input("x", InputRole::Data, Ty::f32([4]));
        let squares = g.square(x);
        let sum = g.sum_all(squares);
        let above = g.add_const(sum, 1e-5);
        let root = g.sqrt(above);
        assert_eq!((of(g, sum).low, of(g, root).wild), (0.0, Wild::Grows));
        assert!(of(g, root).low > 0.0);
        let log = g.log(x);
        assert_eq!(of(g, log).wild, Wild::Breaks);
        let exp = g.exp(x);
        assert_eq!((of(g, exp).low, of(g, exp).wild), (0.0, Wild::Grows));
        let total = g.logsumexp(x, &[0]);
        let total = g.spread(total, &[4], &[0]);
        let log_share = g.sub(x, total);
        let share = g.exp(log_share);
        assert_eq!((of(g, share).high, of(g, share).wild), (1.0, Wild::No));
        let one = g.like(1.0, x);
        let inverse = g.div(one, x);
        let bounded = g.tanh(inverse);
        assert_eq!((of(g, bounded).high, of(g, bounded).wild), (1.0, Wild::Breaks));
        let place = g.cast(log, DType::I32);
        let picked = g.gather(x, place);
        assert_eq!(of(g, picked).wild, Wild::No);
    }
}
