//! Operations as formulas: signs, functions, products. In: an operation of the table with its
//! parameters. Out: a text that names every parameter that the operands do not show.

use super::{Formula, dims, several};
use crate::graph::attrs::{ContractSpec, Window};
use crate::graph::op::{Kind, Op, is};
use crate::graph::{Attrs, DType};
use crate::model::ir::*;

/// In parentheses where what stands around binds as strongly as this.
fn closed(text: String, outer: u8, from: u8) -> String {
    if outer >= from { format!("({text})") } else { text }
}

impl Formula<'_> {
    pub(super) fn op_text(
        &self,
        id: ExprId,
        (op, attrs, args): (&Op, &Attrs, &[ExprId]),
        outer: u8,
        depth: usize,
    ) -> String {
        if let Some(text) = self.known(id, depth) {
            return text;
        }
        if let Some(text) = self.view(id, (op.name, attrs, args), outer, depth) {
            return text;
        }
        if op.kind == Kind::Map && op.name != is::CAST {
            return self.map(op, args, outer, depth);
        }
        let go = |id: ExprId, outer: u8| self.text(id, outer, depth + 1);
        let over = |axes: &[usize]| match args.first().map(|x| self.m.ty(*x).shape.len()) {
            Some(0 | 1) => String::new(),
            _ => format!(", over = {}", several(axes)),
        };
        let list = self.list(args, depth);
        let name = op.word();
        match attrs {
            Attrs::Const(x, dtype) => number(x.0, *dtype, outer),
            Attrs::DType(to) => {
                let word = match to {
                    DType::F32 => "float",
                    DType::I32 => "int",
                    DType::Bool => "bool",
                };
                format!("{word}({list})")
            }
            Attrs::Contract(spec) => match is_product(spec) {
                true => closed(format!("{} @ {}", go(args[0], 3), go(args[1], 4)), outer, 4),
                false => format!("einsum(\"{}\", {list})", letters(spec)),
            },
            Attrs::Iota { ty, .. } if op.name == is::EYE => format!("eye({})", ty.shape[0]),
            Attrs::Iota { ty, axis } => {
                let along = if ty.rank() > 1 { format!(", over = {axis}") } else { String::new() };
                let count = format!("iota({}{along})", dims(&ty.shape));
                if ty.dtype == DType::I32 { format!("int({count})") } else { count }
            }
            // Every axis is what a reduction without `over` means.
            Attrs::Axes(axes) if op.kind == Kind::Reduce && self.covers(axes, args[0]) => {
                format!("{name}({list})")
            }
            Attrs::Axes(axes) => format!("{name}({list}{})", over(axes)),
            Attrs::Axis(axis) => format!("{name}({list}{})", over(&[*axis])),
            Attrs::Directed { axis, reverse } => {
                let back = if *reverse { ", reverse = true" } else { "" };
                format!("{name}({list}{}{back})", over(&[*axis]))
            }
            Attrs::Along { axis, size } => {
                format!("{name}({list}, over = {axis}, size = {size})")
            }
            Attrs::Rows(rows) => format!("{name}({list}, rows = {rows})"),
            Attrs::Window(window) => format!("{name}({list}{})", windows(op.name, window)),
            _ => format!("{name}({list})"),
        }
    }

    fn covers(&self, axes: &[usize], x: ExprId) -> bool {
        axes.len() == self.m.ty(x).shape.len()
    }

    /// An operation on each element. A number that is repeated to the shape of another operand stands
    /// for itself; where all are repeated, one says how often.
    fn map(&self, op: Op, args: &[ExprId], outer: u8, depth: usize) -> String {
        let filled: Vec<Option<ExprId>> = args.iter().map(|arg| self.filled(*arg)).collect();
        let is_number = |e: &ExprId| self.filled(*e).is_some_and(|e| self.constant(e).is_some());
        let told = match filled.iter().all(Option::is_some) {
            true => args.iter().rposition(is_number).or(args.len().checked_sub(1)),
            false => None,
        };
        let operand = |i: usize| filled[i].filter(|_| told != Some(i)).unwrap_or(args[i]);
        let go = |i: usize, outer: u8| self.text(operand(i), outer, depth + 1);
        if let Some((sign, level)) = op.sign {
            if op.name == is::MUL && args[0] == args[1] && told.is_none() {
                return closed(format!("{}^2", go(0, 9)), outer, 9);
            }
            let left = if level == 1 { 2 } else { level };
            // The second factor of a product is no product of matrices.
            let tight = matches!(op.name, is::SUB | is::DIV | is::REM)
                || level == 1
                || self.is_tight(operand(1));
            let right = if tight { level + 1 } else { level };
            let text = format!("{} {sign} {}", go(0, left), go(1, right));
            return closed(text, outer, level + 1);
        }
        match op.name {
            is::NEG => closed(format!("-{}", go(0, 4)), outer, 4),
            is::POW => closed(format!("{}^{}", go(0, 9), go(1, 8)), outer, 9),
            _ => {
                let list: Vec<String> = (0..args.len()).map(|i| go(i, 0)).collect();
                format!("{}({})", op.word(), list.join(", "))
            }
        }
    }

    /// Whether it is written with a sign that a `*` before it would take apart.
    fn is_tight(&self, id: ExprId) -> bool {
        matches!(self.parts(id), Some((_, Attrs::Contract(spec), _)) if is_product(spec))
    }

    /// Operations that stand for one word of the language: `mean`, `sort`, `one_hot`.
    fn known(&self, id: ExprId, depth: usize) -> Option<String> {
        let list = |ids: &[ExprId]| self.list(ids, depth);
        let (op, attrs, args) = self.parts(id)?;
        let over = |axes: &[usize], rank: usize| match axes.len() == rank {
            true => String::new(),
            false => format!(", over = {}", several(axes)),
        };
        match (op, attrs) {
            (is::DIV, _) => {
                let (is::SUM, Attrs::Axes(axes), [x]) = self.parts(args[0])? else { return None };
                let shape = &self.m.ty(*x).shape;
                let count: usize = axes.iter().map(|axis| shape[*axis]).product();
                let by = self.constant(self.filled(args[1]).unwrap_or(args[1]))?;
                let is_mean = by == count as f64 && self.m.ty(*x).dtype == DType::F32;
                is_mean.then(|| format!("mean({}{})", list(&[*x]), over(axes, shape.len())))
            }
            (is::TAKE_ALONG, Attrs::Axis(axis)) => {
                let (is::ARGSORT, order, [of]) = self.parts(args[1])? else { return None };
                let sorts = *order == Attrs::Directed { axis: *axis, reverse: false };
                let rank = self.m.ty(*of).shape.len();
                let axes: &[usize] = &[*axis];
                (sorts && *of == args[0])
                    .then(|| format!("sort({}{})", list(&[*of]), over(axes, rank)))
            }
            (is::CAST, Attrs::DType(DType::F32)) => {
                let (is::EQ, _, [wide, count]) = self.parts(args[0])? else { return None };
                let (is::BROADCAST, Attrs::Broadcast { dims, shape }, [of]) = self.parts(*wide)?
                else {
                    return None;
                };
                let (is::IOTA, Attrs::Iota { axis, ty }, _) = self.parts(*count)? else {
                    return None;
                };
                let last = shape.len() - 1;
                let fits =
                    ty.dtype == DType::I32 && *axis == last && dims.iter().copied().eq(0..last);
                fits.then(|| format!("one_hot({}, {})", list(&[*of]), shape[last]))
            }
            _ => None,
        }
    }

    /// An operation with its parameters and operands.
    pub(super) fn parts(&self, id: ExprId) -> Option<(&'static str, &Attrs, &[ExprId])> {
        match &self.m.expr(id).kind {
            ExprKind::Op { op, attrs, args } => Some((op.name, attrs, args)),
            _ => None,
        }
    }

    pub(super) fn constant(&self, id: ExprId) -> Option<f64> {
        match self.parts(id)? {
            (_, Attrs::Const(x, _), _) => Some(x.0),
            _ => None,
        }
    }
}

pub(super) fn number(x: f64, dtype: DType, outer: u8) -> String {
    match (dtype, x) {
        (DType::Bool, x) => format!("{}", x != 0.0),
        (_, f64::INFINITY) => "infinity".into(),
        (_, f64::NEG_INFINITY) => closed("-infinity".into(), outer, 4),
        _ if x.is_sign_negative() => closed(format!("{x}"), outer, 4),
        _ => format!("{x}"),
    }
}

/// Labels by their first places: what a contraction does, whatever its letters.
fn places(spec: &ContractSpec) -> [Vec<usize>; 3] {
    let mut known: Vec<u8> = Vec::new();
    [&spec.lhs, &spec.rhs, &spec.out].map(|list| {
        let place = |label: &u8| {
            known.iter().position(|k| k == label).unwrap_or_else(|| {
                known.push(*label);
                known.len() - 1
            })
        };
        list.iter().map(place).collect()
    })
}

/// Whether it is what `@` means for operands of these ranks: the last dim on the left meets the only
/// one of a vector, or the second-last on the right, and all before stay as they are.
fn is_product(spec: &ContractSpec) -> bool {
    let [lhs, rhs, out] = places(spec);
    let (n, m) = (lhs.len(), rhs.len());
    let Some(inner) = n.checked_sub(1) else { return false };
    let before: Vec<usize> = (0..inner).collect();
    let right = match m {
        0 => return false,
        1 => vec![inner],
        2 => vec![inner, n],
        _ if n == m => [&before[..m - 2], &[inner, n]].concat(),
        _ => return false,
    };
    let free: &[usize] = if m == 1 { &[] } else { &[n] };
    rhs == right && out == [&before[..], free].concat()
}

/// `i j, i k -> j k`
fn letters(spec: &ContractSpec) -> String {
    let letter = |place: &usize| match char::from_u32('i' as u32 + *place as u32) {
        Some(letter) if letter <= 'z' => letter.to_string(),
        _ => format!("i{place}"),
    };
    let [lhs, rhs, out] =
        places(spec).map(|list| list.iter().map(letter).collect::<Vec<_>>().join(" "));
    format!("{lhs}, {rhs} -> {out}").trim_end().into()
}

/// What of windows is not as it is without saying.
fn windows(op: &str, w: &Window) -> String {
    let mut text = String::new();
    let mut say = |name: &str, list: &[usize], usual: usize| {
        if list.iter().any(|n| *n != usual) {
            let alike = list.iter().all(|n| *n == list[0]);
            let value = if alike { list[0].to_string() } else { several(list) };
            text += &format!(", {name} = {value}");
        }
    };
    if matches!(op, is::UNFOLD | is::FOLD | is::CONV_WEIGHT) {
        say("size", &w.size, 0);
    }
    say("stride", &w.stride, 1);
    say("dilation", &w.dilation, 1);
    if w.pad_low == w.pad_high {
        say("pad", &w.pad_low, 0);
    } else {
        say("before", &w.pad_low, 0);
        say("after", &w.pad_high, 0);
    }
    say("groups", &[w.groups], 1);
    if matches!(op, is::CONV_TRANSPOSE | is::FOLD) {
        say("to", &w.input, 0);
    }
    text
}
