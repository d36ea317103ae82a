//! Proof that no position looks ahead. In: the parameters of all positions. Out: what their elements depend on, or a
//! mistake with the first position that sees itself or a later one, and the place where positions meet.

use super::Ordered;
use super::cells::Cells;
use super::reach::Reach;
use crate::base::{Span, budget, codes};
use crate::model::elaborate::{Elab, Res};
use crate::model::ir::{Dist, ExprId, ExprKind, Model, VarId};
use ndarray::Axis;
use std::collections::HashMap;
use std::rc::Rc;

/// A way from a parameter to the sequence is not followed further.
const LONGEST_WAY: usize = 10_000;

/// A parameter that looks ahead.
struct Seen {
    /// Its name,
    param: String,
    /// and what it is.
    root: ExprId,
    /// The first position that does,
    position: usize,
    /// and the place in the order of what it sees.
    place: usize,
    /// Whether all positions see no more than themselves.
    itself: bool,
}

/// Positions whose parameters depend on what is not before them.
fn seen(each: &Dist, found: &[Cells], (lead, places): (&[usize], &[usize])) -> Option<Seen> {
    let first = places.iter().position(|place| *place == 0)?;
    let mut all: Option<Seen> = None;
    for ((name, id), cells) in each.params.iter().zip(found) {
        let latest = cells.latest();
        let own = (latest.len() / places.len()).max(1);
        // What is no row of positions is shared by all of them.
        let by_position = cells.axes.is_empty() && cells.shape.starts_with(lead);
        for (i, last) in latest.iter().enumerate() {
            let position = if by_position { i / own } else { first };
            if *last as usize <= places[position] {
                continue;
            }
            let place = *last as usize - 1;
            let seen = all.get_or_insert_with(|| Seen {
                param: name.clone(),
                root: *id,
                position,
                place,
                itself: true,
            });
            seen.itself &= place == places[position];
        }
    }
    all
}

/// The first expression on the way from the sequence in which an element depends on more than its own position and
/// those before, and what is made of it: their places.
fn meeting(m: &Model, reach: &Reach, seen: &Seen, (var, n): (VarId, usize)) -> Vec<Span> {
    let mut way = vec![seen.root];
    while let Some(id) = way.last().copied() {
        if matches!(m.expr(id).kind, ExprKind::Var(v) if v == var) || way.len() > LONGEST_WAY {
            break;
        }
        let sees = |id: &ExprId| reach.get(*id).is_some_and(|c| c.last() > seen.place as f64);
        let below = match &m.expr(id).kind {
            ExprKind::Call { result, .. } | ExprKind::Write { result, .. } => vec![*result],
            kind => kind.children(),
        };
        match below.into_iter().find(sees) {
            Some(child) => way.push(child),
            None => break,
        }
    }
    let ordered = |id: &ExprId| reach.get(*id).is_some_and(|cells| in_order(cells, n));
    let before = way.iter().position(ordered).unwrap_or(0);
    way[..before].iter().rev().map(|id| m.expr(*id).span).collect()
}

/// Whether elements of some dim depend on their own position and those before it only.
fn in_order(cells: &Cells, n: usize) -> bool {
    let latest = cells.latest();
    (0..latest.ndim()).any(|d| {
        let size = latest.shape()[d];
        let each = if size > 0 && n.is_multiple_of(size) { n / size } else { return false };
        let below = |i: usize, last: &f64| *last <= ((i + 1) * each) as f64;
        latest.axis_iter(Axis(d)).enumerate().all(|(i, part)| part.iter().all(|x| below(i, x)))
    })
}

impl<'a> Elab<'a> {
    /// The parameters of a position depend on those before it alone: what every expression depends on.
    pub(super) fn is_causal(
        &mut self,
        of: &Ordered<'a>,
        each: &Dist,
        (var, lead, places): (VarId, &[usize], &[usize]),
        span: Span,
    ) -> Res<HashMap<ExprId, Rc<Cells>>> {
        let mut roots: Vec<ExprId> = each.params.iter().map(|(_, id)| *id).collect();
        roots.extend(each.draw);
        let mut reach = Reach::new(&self.m, var, places);
        let found = reach.of(&roots);
        let seen = found.as_ref().and_then(|found| seen(each, found, (lead, places)));
        let met = seen.as_ref().map(|seen| meeting(&self.m, &reach, seen, (var, places.len())));
        let (looked, known) = (reach.looked(), reach.into_known());
        self.spend(budget::FOLLOWED, looked.min(budget::FOLLOWED.most + 1), span)?;
        let (Some(seen), Some(met)) = (seen, met) else { return Ok(known) };
        let own = met.into_iter().find(|span| !self.names.sources.is_prelude(span.file));
        self.looks_ahead(of, seen, (places, own))
    }

    fn looks_ahead<T>(
        &mut self,
        of: &Ordered<'a>,
        Seen { param, position, place, itself, .. }: Seen,
        (places, met): (&[usize], Option<Span>),
    ) -> Res<T> {
        let sees = places.iter().position(|other| *other == place).unwrap_or(place);
        let text = format!(
            "position {position} of `{param}` depends on position {sees} of the sequence, which is not before it"
        );
        let mut error = self.error(codes::RL0130, text, of.span, "");
        if let Some(place) = met {
            error = error.also(place, "positions meet here");
        }
        let help = match itself {
            true => {
                "every position sees itself, and nothing behind it: give the net what is before, `net(shift(x, 1))`"
            }
            false => {
                "let each position see what is before it: `where(causal_mask(T), scores, -1e9)`, windows with zeros before the first position, weights with a mask"
            }
        };
        self.stop(error.help(help))
    }
}
