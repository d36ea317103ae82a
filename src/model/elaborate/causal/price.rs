//! What a rule costs before it is applied. In: an op and what is known of its operands. Out: how many elements its
//! rule looks at.

use super::cells::Cells;
use crate::graph::op::{Kind, Op, is};
use crate::graph::{Attrs, Ty};

/// A single op looks at no more elements: what is known of each takes some 100 bytes meanwhile.
pub const MOST: usize = 1_500_000;

/// How many elements a rule looks at; none where they are too many.
pub fn price(op: Op, attrs: &Attrs, args: &[&Cells], ty: &Ty) -> Option<usize> {
    let looked = looked(op, attrs, args, ty);
    let own = ty.len().min(looked);
    (own <= MOST && args.iter().all(|arg| arg.narrow.iter().product::<usize>() <= MOST))
        .then_some(looked)
}

fn looked(op: Op, attrs: &Attrs, args: &[&Cells], ty: &Ty) -> usize {
    let product = |list: &[usize]| list.iter().fold(1, |all: usize, n| all.saturating_mul(*n));
    let kept = args.iter().fold(1, |all: usize, arg| all.saturating_add(product(&arg.narrow)));
    let repeated = args.iter().map(|arg| product(&arg.narrow[..arg.axes.len()])).max();
    match (op.kind, op.name) {
        _ if !args.is_empty() && args.iter().all(|arg| arg.is_any()) => 1,
        (Kind::Map, _) => {
            let rank = args.iter().map(|arg| arg.narrow.len()).max().unwrap_or(0);
            let most = |d: usize| args.iter().filter_map(|a| a.narrow.get(d)).max().copied();
            product(&(0..rank).filter_map(most).collect::<Vec<_>>())
        }
        (Kind::Reduce, _) | (_, is::BROADCAST | is::PERMUTE) => kept,
        (_, is::CONTRACT) => {
            let spec = attrs.labels();
            let mut sizes: Vec<(u8, usize)> = Vec::new();
            for (arg, labels) in args.iter().zip([&spec.lhs, &spec.rhs]) {
                for (label, n) in labels.iter().zip(&arg.narrow[arg.axes.len()..]) {
                    match sizes.iter_mut().find(|(l, _)| l == label) {
                        Some((_, most)) => *most = (*most).max(*n),
                        None => sizes.push((*label, *n)),
                    }
                }
            }
            let each = sizes.iter().fold(1, |all: usize, (_, n)| all.saturating_mul(*n));
            each.saturating_mul(repeated.unwrap_or(1)).saturating_add(kept)
        }
        (_, is::CONV) => {
            let channels = args.iter().map(|arg| arg.narrow[arg.axes.len() + 1]).max().unwrap_or(1);
            let taps = product(&attrs.window().size).saturating_mul(channels);
            ty.len().saturating_mul(taps).saturating_mul(repeated.unwrap_or(1))
        }
        _ => ty.len().saturating_mul(repeated.unwrap_or(1)).saturating_add(kept),
    }
}
