//! Values that are scored given themselves: `log p(x | x)`. In: a scored density. Out: the field of the
//! data that stands on both sides of the bar, if one does.

use crate::graph::Attrs;
use crate::graph::op::is;
use crate::model::ir::{
    Applied, DensityId, Estimator, ExprId, ExprKind, FieldId, Model, Symbolic, VarId,
};
use std::collections::{BTreeSet, HashMap};

/// How a field stands on both sides of the bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leak {
    /// What is scored is computed from itself.
    Same(FieldId),
    /// What is given is moved along a dim, as before a causal net: whether an element sees itself is
    /// the net's business.
    Moved(FieldId),
}

/// What is read of a field.
#[derive(Clone, Debug, PartialEq)]
enum Read {
    Whole(FieldId),
    /// A constant slice.
    Box(FieldId, Vec<(usize, usize, usize)>),
    /// An element that is known at run time.
    Part(FieldId, ExprId),
    /// `shift(x, n)`
    Moved(FieldId),
}

/// A field that is scored and that what the density is given is computed from. A code that is drawn
/// does not count: it is a latent variable.
pub fn leaked(m: &Model, scored: &Applied, lets: &HashMap<VarId, ExprId>) -> Option<Leak> {
    let density = |d: &DensityId| &m.densities[d.0 as usize];
    let name = |v: &VarId| m.vars[v.0 as usize].name.as_str();
    let over: Vec<VarId> = scored.densities.iter().flat_map(|d| density(d).over.clone()).collect();
    // A name that one factor draws and another is given is part of the joint.
    let drawn: BTreeSet<&str> = over.iter().map(name).collect();
    let given = scored.densities.iter().flat_map(|d| &density(d).given);
    let given: Vec<VarId> = given.filter(|v| !drawn.contains(name(v))).copied().collect();
    let reads = |vars: &[VarId]| -> Vec<Read> {
        let bound = scored.bind.iter().filter(|(v, _)| vars.contains(v)).map(|(_, e)| *e);
        bound.flat_map(|e| reads_below(m, e, lets)).collect()
    };
    let (scored, given) = (reads(&over), reads(&given));
    let pairs = scored.iter().flat_map(|a| given.iter().map(move |b| both(a, b)));
    let found: Vec<Leak> = pairs.flatten().collect();
    let same = found.iter().find(|leak| matches!(leak, Leak::Same(_)));
    same.or(found.first()).copied()
}

/// Whether two reads meet.
fn both(scored: &Read, given: &Read) -> Option<Leak> {
    let field = |read: &Read| match read {
        Read::Whole(f) | Read::Box(f, _) | Read::Part(f, _) | Read::Moved(f) => *f,
    };
    let f = field(scored);
    if f != field(given) {
        return None;
    }
    let meets = match (scored, given) {
        (_, Read::Moved(_)) => return Some(Leak::Moved(f)),
        (Read::Whole(_), _) | (_, Read::Whole(_)) => true,
        (Read::Box(_, a), Read::Box(_, b)) => a.iter().zip(b).all(|(a, b)| a.0 < b.1 && b.0 < a.1),
        (Read::Part(_, a), Read::Part(_, b)) => a == b,
        _ => false,
    };
    meets.then_some(Leak::Same(f))
}

/// What a value is computed from; nothing if there is noise on the way.
fn reads_below(m: &Model, root: ExprId, lets: &HashMap<VarId, ExprId>) -> Vec<Read> {
    let (mut seen, mut todo, mut reads) = (BTreeSet::new(), vec![root], Vec::new());
    while let Some(id) = todo.pop() {
        if !seen.insert(id) {
            continue;
        }
        match &m.expr(id).kind {
            ExprKind::Noise { .. } => return Vec::new(),
            ExprKind::Symbolic(Symbolic::Expect { estimator: Some(Estimator::Sample), .. }) => {
                return Vec::new();
            }
            ExprKind::Var(v) => todo.extend(lets.get(v)),
            kind => match read(m, id) {
                Some(read) => reads.push(read),
                None => todo.extend(kind.children()),
            },
        }
    }
    reads
}

/// What an expression reads of a field, if that is all that it does.
fn read(m: &Model, id: ExprId) -> Option<Read> {
    let field = |id: ExprId| match m.expr(id).kind {
        ExprKind::Field(f) => Some(f),
        _ => None,
    };
    match &m.expr(id).kind {
        ExprKind::Field(f) => Some(Read::Whole(*f)),
        ExprKind::Element { of, .. } => field(*of).map(|f| Read::Part(f, id)),
        ExprKind::Op { op, args, attrs } => match (op.name, attrs) {
            (is::SLICE, Attrs::Slice(cuts)) => field(args[0]).map(|f| Read::Box(f, cuts.clone())),
            (is::GATHER, _) => field(args[0]).map(|f| Read::Part(f, id)),
            (is::CONCAT, _) => moved(m, args).and_then(field).map(Read::Moved),
            _ => None,
        },
        _ => None,
    }
}

/// `x` of `shift(x, n)`: a filled gap, then the first elements of `x`.
fn moved(m: &Model, args: &[ExprId]) -> Option<ExprId> {
    let row = |id: ExprId| match &m.expr(id).kind {
        ExprKind::Op { op, args, attrs } => Some((op.name, args, attrs)),
        _ => None,
    };
    let [gap, kept] = args else { return None };
    let (is::BROADCAST, value, _) = row(*gap)? else { return None };
    let (is::CONST, ..) = row(value[0])? else { return None };
    let (is::SLICE, x, Attrs::Slice(cuts)) = row(*kept)? else { return None };
    (cuts.first()?.0 == 0).then_some(x[0])
}
