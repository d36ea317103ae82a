//! Ranges of whole numbers, for indices. In: an expression. Out: bounds that its structure proves.
//! An index must be proven to lie in its dim; nothing is clamped in silence.

use crate::base::{Span, codes};
use crate::graph::op::is;
use crate::graph::{Attrs, DType, Op};
use crate::model::elaborate::expr::types::shown;
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{AxisReduce, Builtin, ExprId, ExprKind, Support};
use std::collections::HashMap;

/// Least and largest value.
type Range = (f64, f64);

/// Nothing is known.
const ANY: Range = (f64::NEG_INFINITY, f64::INFINITY);
/// Formulas of indices are not deeper; what lies below counts as unknown.
const DEPTH: usize = 64;

/// Elements of the first operand, and nothing else.
const KEEP: [&str; 9] = [
    is::BROADCAST,
    is::RESHAPE,
    is::PERMUTE,
    is::SLICE,
    is::FLIP,
    is::GATHER,
    is::TAKE_ALONG,
    is::MAX_OF,
    is::MIN_OF,
];

/// Whole numbers of whole numbers.
const SUMS: [&str; 10] =
    [is::ADD, is::SUB, is::MUL, is::NEG, is::ABS, is::MAX, is::MIN, is::SUM, is::CAST, is::CONCAT];

impl<'a> Elab<'a> {
    /// A scalar whole number that is known when compiling.
    pub fn known_int(&self, id: ExprId) -> Option<i64> {
        let ty = self.ty(id);
        let known = ty.dtype == DType::I32 && ty.shape.is_empty();
        self.constant(id).filter(|_| known).map(|n| n as i64)
    }

    /// An index; a whole number that is known when compiling counts as one however it is written.
    pub fn counted(&mut self, id: ExprId, span: Span) -> Res<ExprId> {
        let real = self.ty(id).dtype == DType::F32 && self.ty(id).shape.is_empty();
        match self.constant(id).filter(|n| real && n.fract() == 0.0) {
            Some(n) => self.whole(n, span),
            None => Ok(id),
        }
    }

    /// A literal whole number of 32 bits.
    pub fn whole(&mut self, n: f64, span: Span) -> Res<ExprId> {
        if n < f64::from(i32::MIN) || n > f64::from(i32::MAX) || n.is_nan() {
            let text = format!("`{n}` is no whole number of 32 bits");
            return self.fail(codes::RL0107, text, span, "write a real instead: `1e10`");
        }
        Ok(self.literal(n, DType::I32, span))
    }

    /// Whole numbers have 32 bits. What is known to need more is not computed.
    pub fn fits_whole(&mut self, id: ExprId, span: Span) -> Res<()> {
        let range = self.range_of(id, 1, &mut HashMap::new());
        self.within_32_bits(id, range, span)
    }

    /// Whole numbers of a known range.
    pub fn within_32_bits(&mut self, id: ExprId, (low, high): Range, span: Span) -> Res<()> {
        let fits = low >= f64::from(i32::MIN) && high <= f64::from(i32::MAX);
        if self.ty(id).dtype != DType::I32 || fits || !low.is_finite() || !high.is_finite() {
            return Ok(());
        }
        let (low, high) = (shown(low), shown(high));
        let text = format!("whole numbers from {low} to {high} do not fit 32 bits");
        self.fail(codes::RL0107, text, span, "compute with reals: `float(...)`")
    }

    /// Every element of an index must be one of `0..size`.
    pub fn proven(&mut self, index: ExprId, size: usize, span: Span) -> Res<()> {
        let (low, high) = self.range(index);
        let last = size as f64 - 1.0;
        if low >= 0.0 && high <= last {
            return Ok(());
        }
        let bring = format!("`clip(i, 0, {last})` or `i % {size}`");
        let (text, help) = if low == high {
            let text = format!("index {low} into a dim of {size}");
            (text, format!("indices count from 0, the last is {last}"))
        } else if low.is_finite() && high.is_finite() {
            let from = if low == 0.0 { String::new() } else { format!("from {low} ") };
            let text = format!("indices {from}up to {high} into a dim of {size}");
            (text, format!("the table needs one row for each index; or bring them there: {bring}"))
        } else {
            let text = format!("an index of unknown range into a dim of {size}");
            (
                text,
                format!("bring it there: {bring}; data and arguments are declared `idx({size})`"),
            )
        };
        self.fail(codes::RL0103, text, span, &help)
    }

    /// Whether every element is proven to be a value of a support.
    pub fn lies_in(&self, id: ExprId, wanted: Support) -> bool {
        let given = self.ty(id);
        let (low, high) = self.range(id);
        let proven = match (wanted, given.dtype) {
            (Support::Index(n), DType::I32) => low >= 0.0 && high <= n as f64 - 1.0,
            // Bounds are rounded like the values.
            (Support::Interval(a, b), DType::F32) => {
                low >= f64::from(a as f32) && high <= f64::from(b as f32)
            }
            (Support::Count, DType::F32) => low >= 0.0 && self.is_whole(id),
            _ => false,
        };
        given.support.fits(wanted) || proven
    }

    /// Whether every element of a real is proven to be a whole number: counted, cut off, or made of such
    /// by sums and products.
    fn is_whole(&self, id: ExprId) -> bool {
        self.whole_below(id, 0, &mut HashMap::new())
    }

    fn whole_below(&self, id: ExprId, depth: usize, memo: &mut HashMap<ExprId, bool>) -> bool {
        if let Some(known) = memo.get(&id) {
            return *known;
        }
        let found = depth < DEPTH && self.whole_of(id, depth + 1, memo);
        memo.insert(id, found);
        found
    }

    fn whole_of(&self, id: ExprId, depth: usize, memo: &mut HashMap<ExprId, bool>) -> bool {
        let ty = self.ty(id);
        if matches!(ty.support, Support::Bit | Support::Count) || ty.dtype != DType::F32 {
            return true;
        }
        let mut of = |e: &ExprId| self.whole_below(*e, depth, memo);
        match &self.m.expr(id).kind {
            ExprKind::Stop(e) | ExprKind::Batch { of: e, .. } | ExprKind::Element { of: e, .. } => {
                of(e)
            }
            ExprKind::Call { result, .. } | ExprKind::Write { result, .. } => of(result),
            ExprKind::Reduce { how: AxisReduce::Stack | AxisReduce::Sum, body, .. } => of(body),
            ExprKind::Op { attrs: Attrs::Const(x, _), .. } => x.0.fract() == 0.0,
            ExprKind::Op { op, args, .. } => match op.name {
                is::FLOOR => true,
                is::SELECT => args[1..].iter().all(of),
                name => (SUMS.contains(&name) || KEEP.contains(&name)) && args.iter().all(of),
            },
            _ => false,
        }
    }

    /// Bounds of every element.
    pub fn range(&self, id: ExprId) -> Range {
        self.range_below(id, 0, &mut HashMap::new())
    }

    fn range_below(&self, id: ExprId, depth: usize, memo: &mut HashMap<ExprId, Range>) -> Range {
        if let Some(known) = memo.get(&id) {
            return *known;
        }
        let ty = self.ty(id);
        let declared = match ty.support {
            Support::Index(n) => (0.0, n as f64 - 1.0),
            Support::Bit | Support::Bool => (0.0, 1.0),
            Support::Interval(a, b) => (a, b),
            Support::Positive | Support::Count => (0.0, f64::INFINITY),
            Support::Real | Support::Integer => ANY,
        };
        let found = if depth < DEPTH { self.range_of(id, depth + 1, memo) } else { ANY };
        // Reals are rounded, and rounding keeps their order.
        let rounded = |x: f64| if ty.dtype == DType::F32 { f64::from(x as f32) } else { x };
        let found = (rounded(found.0), rounded(found.1));
        // Whole numbers that may wrap say nothing. What is chosen among others is one of them.
        let wraps = ty.dtype == DType::I32
            && self.computes(id)
            && (found.0 < f64::from(i32::MIN) || found.1 > f64::from(i32::MAX));
        let found = if wraps { ANY } else { found };
        // NaN ends, from infinite ones, say nothing.
        let range = (declared.0.max(found.0), declared.1.min(found.1));
        memo.insert(id, range);
        range
    }

    /// Whether a whole number is computed anew, and not chosen among others.
    fn computes(&self, id: ExprId) -> bool {
        let ExprKind::Op { op, .. } = &self.m.expr(id).kind else { return false };
        !(KEEP.contains(&op.name) || [is::MAX, is::MIN, is::SELECT, is::CONCAT].contains(&op.name))
    }

    fn range_of(&self, id: ExprId, depth: usize, memo: &mut HashMap<ExprId, Range>) -> Range {
        let mut of = |e: ExprId| self.range_below(e, depth, memo);
        match &self.m.expr(id).kind {
            ExprKind::Stop(e) | ExprKind::Batch { of: e, .. } => of(*e),
            ExprKind::Call { result, .. } | ExprKind::Write { result, .. } => of(*result),
            ExprKind::Element { of: e, .. } => of(*e),
            ExprKind::Reduce { how: AxisReduce::Stack, body, .. } => of(*body),
            ExprKind::Builtin(Builtin::Progress) => (0.0, 1.0),
            ExprKind::Builtin(Builtin::Step | Builtin::Updates) => (0.0, f64::INFINITY),
            ExprKind::Op { attrs: Attrs::Const(x, _), .. } => (x.0, x.0),
            ExprKind::Op { op, args, .. } => {
                if let Some(n) = self.remainder(id) {
                    return (0.0, of(n).1 - 1.0);
                }
                if op.name == is::IOTA {
                    // Some dim of it is counted.
                    let longest = self.ty(id).shape.iter().max().copied().unwrap_or(1);
                    return (0.0, longest.max(1) as f64 - 1.0);
                }
                let parts: Vec<Range> = args.iter().map(|a| of(*a)).collect();
                let dtype = self.ty(id).dtype;
                // Reals are rounded on the way, beyond what their ends say.
                match self.folded(id).filter(|_| dtype == DType::I32) {
                    Some(n) => joined(op, parts[0], n),
                    None => combined(op, &parts, dtype),
                }
            }
            _ => ANY,
        }
    }

    /// How many elements of its operand an element of a sum or a product joins, at most.
    fn folded(&self, id: ExprId) -> Option<f64> {
        let ExprKind::Op { op, args, attrs } = &self.m.expr(id).kind else { return None };
        let shape = &self.ty(*args.first()?).shape;
        let axes = match (op.name, attrs) {
            (is::SUM | is::PROD, Attrs::Axes(axes)) => axes,
            _ => return None,
        };
        Some(axes.iter().map(|axis| shape[*axis] as f64).product())
    }

    /// `n` of `a - n * (a div n)`, which is how `a % n` is computed, for a positive n.
    fn remainder(&self, id: ExprId) -> Option<ExprId> {
        let row = |e: ExprId, name: &str| match &self.m.expr(e).kind {
            ExprKind::Op { op, args, .. } if op.name == name && args.len() == 2 => {
                Some((args[0], args[1]))
            }
            _ => None,
        };
        let (a, product) = row(id, is::SUB)?;
        let (n, quotient) = row(product, is::MUL)?;
        let fits = row(quotient, is::DIV)? == (a, n) && self.ty(id).dtype == DType::I32;
        let positive = self.constant(n).is_some_and(|n| n > 0.0);
        (fits && positive).then_some(n)
    }
}

/// The range of a sum or a product of up to `n` elements of a range.
fn joined(op: Op, of: Range, n: f64) -> Range {
    let largest = of.0.abs().max(of.1.abs());
    // Products may be beyond all reals; what is known to be too large is not unknown.
    let power = |x: f64| if x.is_finite() { x.powf(n).min(f64::MAX) } else { x };
    match op.name {
        is::SUM => (of.0 * n, of.1 * n),
        _ if of.0 >= 0.0 => (power(of.0), power(of.1)),
        _ => (-power(largest), power(largest)),
    }
}

/// The range of an op from those of its operands.
fn combined(op: Op, parts: &[Range], dtype: DType) -> Range {
    let (a, b) = (parts.first().copied().unwrap_or(ANY), parts.get(1).copied().unwrap_or(ANY));
    let ends = |f: fn(f64, f64) -> f64| hull(&[f(a.0, b.0), f(a.0, b.1), f(a.1, b.0), f(a.1, b.1)]);
    match op.name {
        is::ADD => (a.0 + b.0, a.1 + b.1),
        is::SUB => (a.0 - b.1, a.1 - b.0),
        // An end may be infinite, values are not: 0 times any of them is 0.
        is::MUL => ends(|x, y| if x == 0.0 || y == 0.0 { 0.0 } else { x * y }),
        is::DIV if b.0 > 0.0 || b.1 < 0.0 => {
            let (low, high) = ends(|x, y| x / y);
            if dtype == DType::I32 { (low.floor(), high.floor()) } else { (low, high) }
        }
        is::NEG => (-a.1, -a.0),
        is::ABS => (0.0, a.0.abs().max(a.1.abs())),
        is::MAX => (a.0.max(b.0), a.1.max(b.1)),
        is::MIN => (a.0.min(b.0), a.1.min(b.1)),
        is::FLOOR => (a.0.floor(), a.1.floor()),
        // Rounded sums keep the sign of their parts.
        is::SUM | is::CUMSUM if a.0 >= 0.0 => (0.0, f64::INFINITY),
        is::SUM | is::CUMSUM if a.1 <= 0.0 => (f64::NEG_INFINITY, 0.0),
        is::CAST if dtype == DType::I32 => (a.0.trunc(), a.1.trunc()),
        is::CAST if dtype == DType::F32 => a,
        is::SELECT => {
            let other = parts.get(2).copied().unwrap_or(ANY);
            (b.0.min(other.0), b.1.max(other.1))
        }
        is::CONCAT => {
            let (low, high) = (parts.iter().map(|p| p.0), parts.iter().map(|p| p.1));
            (low.fold(f64::INFINITY, f64::min), high.fold(f64::NEG_INFINITY, f64::max))
        }
        name if KEEP.contains(&name) => a,
        _ => op.image.bounds(),
    }
}

/// Least and largest; unknown where one is not a number (0 times infinity).
fn hull(values: &[f64]) -> Range {
    if values.iter().any(|x| x.is_nan()) {
        return ANY;
    }
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    (low, values.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}
