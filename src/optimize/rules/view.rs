//! Rules that move views and reductions: towards the results, where they vanish or are merged. In:
//! a node on offer. Out: an equal node that moves less.

use super::{Rule, is, is_moderate, of, spread};
use crate::graph::op::map::{ADD, MUL, NEG};
use crate::graph::op::reduce::{LOGSUMEXP, MAX_OF, MIN_OF, SUM};
use crate::graph::op::view::{BROADCAST, PAD, PERMUTE, RESHAPE};
use crate::graph::{Attrs, DType, Graph, Kind, NodeId, Ty};
use crate::optimize::sweep::Site;

/// All rules of this file.
pub const RULES: &[Rule] = &[
    Rule {
        name: "no-move",
        doc: "a view that moves nothing -> its operand",
        apply: no_move,
        example: "%0 = input [\"x\" other] : f32[3,4]\n%1 = permute %0 [perm 0,1] : f32[3,4]\noutput \"y\" = %1",
    },
    Rule {
        name: "view-view",
        doc: "two reshapes, permutes or broadcasts -> one",
        apply: view_view,
        example: "%0 = input [\"x\" other] : f32[3,4]\n%1 = permute %0 [perm 1,0] : f32[4,3]\n%2 = permute %1 [perm 1,0] : f32[3,4]\noutput \"y\" = %2",
    },
    Rule {
        name: "permute-broadcast",
        doc: "permute of a broadcast -> broadcast of a permute",
        apply: permute_broadcast,
        example: "%0 = input [\"x\" other] : f32[3,4]\n%1 = broadcast %0 [at 0,2] : f32[3,2,4]\n%2 = permute %1 [perm 2,1,0] : f32[4,2,3]\noutput \"y\" = %2",
    },
    Rule {
        name: "reshape-broadcast",
        doc: "reshape that keeps new leading dims -> below the broadcast",
        apply: reshape_broadcast,
        example: "%0 = input [\"x\" other] : f32[3,4]\n%1 = broadcast %0 [at 1,2] : f32[2,3,4]\n%2 = reshape %1 [shape 2,12] : f32[2,12]\noutput \"y\" = %2",
    },
    Rule {
        name: "slice-broadcast",
        doc: "slice of a broadcast -> broadcast of a slice",
        apply: slice_broadcast,
        example: "%0 = input [\"x\" other] : f32[3,4]\n%1 = broadcast %0 [at 0,2] : f32[3,2,4]\n%2 = slice %1 [cut 1:3:1 0:1:1 0:4:1] : f32[2,1,4]\noutput \"y\" = %2",
    },
    Rule {
        name: "map-below-broadcast",
        doc: "map of values that are all repeated along a dim -> repeated map",
        apply: map_below_broadcast,
        example: "%0 = input [\"x\" other] : f32[3]\n%1 = input [\"y\" other] : f32[3]\n%2 = broadcast %0 [at 1] : f32[2,3]\n%3 = broadcast %1 [at 1] : f32[2,3]\n%4 = sub %2 %3 : f32[2,3]\noutput \"y\" = %4",
    },
    Rule {
        name: "reduce-broadcast",
        doc: "reduction over repeated values -> of the values",
        apply: reduce_broadcast,
        example: "%0 = input [\"x\" other] : f32[3,4]\n%1 = broadcast %0 [at 1,2] : f32[2,3,4]\n%2 = logsumexp %1 [axes 0,2] : f32[3]\noutput \"y\" = %2",
    },
    Rule {
        name: "sum-sum",
        doc: "sum of a sum -> one sum",
        apply: sum_sum,
        example: "%0 = input [\"x\" other] : f32[2,3,4]\n%1 = sum %0 [axes 1] : f32[2,4]\n%2 = sum %1 [axes 0] : f32[4]\noutput \"y\" = %2",
    },
    Rule {
        name: "sum-factor",
        doc: "a factor that the sum does not run over -> outside",
        apply: sum_factor,
        example: "%0 = input [\"x\" other] : f32[3,4]\n%1 = input [\"y\" other] : f32[3]\n%2 = broadcast %1 [at 0] : f32[3,4]\n%3 = mul %0 %2 : f32[3,4]\n%4 = sum %3 [axes 1] : f32[3]\noutput \"y\" = %4",
    },
    Rule {
        name: "pads-concat",
        doc: "sum of two pads that do not overlap and leave no gap -> concat",
        apply: pads_concat,
        example: "%0 = input [\"x\" other] : f32[2,3]\n%1 = input [\"y\" other] : f32[2,1]\n%2 = pad %0 [pad 0:0:0 0:1:0] : f32[2,4]\n%3 = pad %1 [pad 0:0:0 3:0:0] : f32[2,4]\n%4 = add %2 %3 : f32[2,4]\noutput \"y\" = %4",
    },
    Rule {
        name: "permute-map",
        doc: "permute of a map of values that permute for free -> a map of permuted values",
        apply: permute_map,
        example: "%0 = input [\"x\" other] : f32[3,4]\n%1 = input [\"y\" other] : f32[3]\n%2 = permute %0 [perm 1,0] : f32[4,3]\n%3 = broadcast %1 [at 1] : f32[4,3]\n%4 = mul %2 %3 : f32[4,3]\n%5 = permute %4 [perm 1,0] : f32[3,4]\noutput \"y\" = %5",
    },
    Rule {
        name: "reduce-permute",
        doc: "reduction of a permute -> permute of a reduction",
        apply: reduce_permute,
        example: "%0 = input [\"x\" other] : f32[2,3,4]\n%1 = permute %0 [perm 2,0,1] : f32[4,2,3]\n%2 = sum %1 [axes 1] : f32[4,3]\noutput \"y\" = %2",
    },
];

/// The view made anew; methods of the builder drop views that move nothing.
fn view_of(g: &mut Graph, x: NodeId, attrs: &Attrs) -> Option<NodeId> {
    Some(match attrs {
        Attrs::Shape(shape) => g.reshape(x, shape),
        Attrs::Perm(perm) => g.permute(x, perm),
        Attrs::Broadcast { shape, dims } => g.broadcast(x, shape, dims),
        Attrs::Slice(cuts) => g.slice(x, cuts),
        Attrs::Pad(pads) => g.pad(x, pads),
        _ => return None,
    })
}

fn no_move(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let x = *site.node.args.first().filter(|_| site.node.op.kind == Kind::View)?;
    if g.ty(x) != &site.node.ty || site.node.args.len() != 1 {
        return None;
    }
    view_of(g, x, &site.node.attrs).filter(|id| *id == x)
}

fn view_view(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let outer = &site.node.attrs;
    if ![&RESHAPE, &PERMUTE, &BROADCAST].contains(&site.node.op) {
        return None;
    }
    let inner = is(g, site.node.args[0], site.node.op)?.clone();
    let attrs = match (outer, &inner.attrs) {
        (Attrs::Shape(shape), _) => Attrs::Shape(shape.clone()),
        (Attrs::Perm(p), Attrs::Perm(q)) => Attrs::Perm(p.iter().map(|i| q[*i]).collect()),
        (Attrs::Broadcast { shape, dims: p }, Attrs::Broadcast { dims: q, .. }) => {
            Attrs::Broadcast { shape: shape.clone(), dims: q.iter().map(|i| p[*i]).collect() }
        }
        _ => return None,
    };
    view_of(g, inner.args[0], &attrs)
}

fn permute_broadcast(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let Attrs::Perm(perm) = &site.node.attrs else { return None };
    let (x, dims) = spread(g, site.node.args[0])?;
    // Result dim `i` is dim `perm[i]` of the broadcast, which is operand dim `j` or new.
    let (mut order, mut at) = (Vec::new(), Vec::new());
    for (i, p) in perm.iter().enumerate() {
        if let Some(j) = dims.iter().position(|d| d == p) {
            order.push(j);
            at.push(i);
        }
    }
    let x = g.permute(x, &order);
    Some(g.broadcast(x, &site.node.ty.shape, &at))
}

fn reshape_broadcast(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let Attrs::Shape(shape) = &site.node.attrs else { return None };
    let (x, dims) = spread(g, site.node.args[0])?;
    let from = g.shape(site.node.args[0]).to_vec();
    let new = dims.first().copied().unwrap_or(from.len());
    let leading = dims.iter().copied().eq(new..from.len());
    if !leading || new == 0 || shape.len() < new || shape[..new] != from[..new] {
        return None;
    }
    let x = g.reshape(x, &shape[new..]);
    let dims: Vec<usize> = (new..shape.len()).collect();
    Some(g.broadcast(x, shape, &dims))
}

fn slice_broadcast(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let Attrs::Slice(cuts) = &site.node.attrs else { return None };
    let (x, dims) = spread(g, site.node.args[0])?;
    let cuts: Vec<_> = dims.iter().map(|d| cuts[*d]).collect();
    let x = g.slice(x, &cuts);
    Some(g.broadcast(x, &site.node.ty.shape, &dims))
}

fn map_below_broadcast(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let node = site.node;
    if node.op.kind != Kind::Map || node.ty.shape.is_empty() {
        return None;
    }
    let varying = |id: &NodeId| match (g.literal(*id), spread(g, *id)) {
        (Some(_), _) => Vec::new(),
        (None, Some((_, dims))) => dims,
        (None, None) => (0..node.ty.rank()).collect(),
    };
    let of_args: Vec<Vec<usize>> = node.args.iter().map(varying).collect();
    let kept: Vec<usize> =
        (0..node.ty.rank()).filter(|d| of_args.iter().any(|dims| dims.contains(d))).collect();
    if kept.len() == node.ty.rank() {
        return None;
    }
    let shape: Vec<usize> = kept.iter().map(|d| node.ty.shape[*d]).collect();
    let mut args = Vec::new();
    for arg in &node.args {
        args.push(narrowed(g, *arg, &kept, &shape));
    }
    let small = g.push(node.op, args, node.attrs.clone());
    Some(g.broadcast(small, &node.ty.shape, &kept))
}

/// A repeated value on fewer dims: the `kept` ones, which hold all that it varies along.
fn narrowed(g: &mut Graph, id: NodeId, kept: &[usize], shape: &[usize]) -> NodeId {
    if let Some(value) = g.literal(id) {
        let ty = Ty::new(g.ty(id).dtype, shape);
        return g.full(value, &ty);
    }
    match spread(g, id) {
        Some((x, dims)) => {
            let place = |d: &usize| kept.iter().position(|k| k == d);
            let dims: Vec<usize> = dims.iter().filter_map(place).collect();
            g.broadcast(x, shape, &dims)
        }
        None => id,
    }
}

fn reduce_broadcast(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let Attrs::Axes(axes) = &site.node.attrs else { return None };
    let op = site.node.op;
    if ![&SUM, &MAX_OF, &MIN_OF, &LOGSUMEXP].contains(&op) {
        return None;
    }
    let (x, dims) = spread(g, site.node.args[0])?;
    let shape = g.shape(site.node.args[0]).to_vec();
    let (inner, repeated): (Vec<usize>, Vec<usize>) =
        axes.iter().copied().partition(|a| dims.contains(a));
    if repeated.is_empty() || site.node.ty.dtype != DType::F32 {
        return None;
    }
    let copies: usize = repeated.iter().map(|a| shape[*a]).product();
    let place = |a: &usize| dims.iter().position(|d| d == a);
    let inner: Vec<usize> = inner.iter().filter_map(place).collect();
    let mut y = g.reduce(op, x, &inner);
    if op == &SUM {
        y = g.scale(y, copies as f64);
    } else if op == &LOGSUMEXP {
        y = g.add_const(y, (copies as f64).ln());
    }
    let kept: Vec<usize> = (0..shape.len()).filter(|d| !axes.contains(d)).collect();
    let varying = kept.iter().enumerate().filter(|(_, d)| dims.contains(d));
    let at: Vec<usize> = varying.map(|(i, _)| i).collect();
    Some(g.broadcast(y, &site.node.ty.shape, &at))
}

/// Whether a permute of this value costs nothing: it vanishes in a literal, a repeat or another
/// permute, or moves on into a map.
fn permutes_freely(g: &Graph, site: &Site, id: NodeId, depth: usize) -> bool {
    let node = g.node(id);
    let free = g.literal(id).is_some() || node.op == &BROADCAST || node.op == &PERMUTE;
    let map = depth > 0 && node.op.kind == Kind::Map && site.single(id);
    free || (map && node.args.iter().all(|a| permutes_freely(g, site, *a, depth - 1)))
}

fn permute_map(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let Attrs::Perm(perm) = &site.node.attrs else { return None };
    let inner = g.node(site.node.args[0]).clone();
    let free = inner.op.kind == Kind::Map && permutes_freely(g, site, site.node.args[0], 6);
    if !free || g.literal(site.node.args[0]).is_some() {
        return None;
    }
    let args = inner.args.iter().map(|a| g.permute(*a, perm)).collect();
    Some(g.push(inner.op, args, inner.attrs))
}

fn reduce_permute(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let Attrs::Axes(axes) = &site.node.attrs else { return None };
    if site.node.op.kind != Kind::Reduce {
        return None;
    }
    let inner = is(g, site.node.args[0], &PERMUTE)?.clone();
    let Attrs::Perm(perm) = &inner.attrs else { return None };
    let own: Vec<usize> = axes.iter().map(|a| perm[*a]).collect();
    let y = g.reduce(site.node.op, inner.args[0], &own);
    let left: Vec<usize> = (0..perm.len()).filter(|d| !own.contains(d)).collect();
    let kept = (0..perm.len()).filter(|i| !axes.contains(i));
    let order: Vec<usize> = kept.filter_map(|i| left.iter().position(|d| *d == perm[i])).collect();
    Some(g.permute(y, &order))
}

fn sum_sum(g: &mut Graph, site: &Site) -> Option<NodeId> {
    if site.node.op != &SUM || !site.single(site.node.args[0]) {
        return None;
    }
    let inner = is(g, site.node.args[0], &SUM)?.clone();
    let (Attrs::Axes(second), Attrs::Axes(first)) = (&site.node.attrs, &inner.attrs) else {
        return None;
    };
    let rank = g.shape(inner.args[0]).len();
    let kept: Vec<usize> = (0..rank).filter(|d| !first.contains(d)).collect();
    let axes: Vec<usize> = first.iter().copied().chain(second.iter().map(|a| kept[*a])).collect();
    Some(g.sum(inner.args[0], &axes))
}

fn sum_factor(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let Attrs::Axes(axes) = &site.node.attrs else { return None };
    let x = site.node.args[0];
    if site.node.op != &SUM || site.node.ty.dtype != DType::F32 || !site.single(x) {
        return None;
    }
    if let Some(inner) = of(g, x, &NEG) {
        let sum = g.sum(inner, axes);
        return Some(g.neg(sum));
    }
    let product = is(g, x, &MUL)?.args.clone();
    let shape = g.shape(x).to_vec();
    let kept: Vec<usize> = (0..shape.len()).filter(|d| !axes.contains(d)).collect();
    let outside = |g: &Graph, id: NodeId| {
        g.literal(id).is_some_and(is_moderate)
            || spread(g, id).is_some_and(|(_, dims)| dims.iter().all(|d| kept.contains(d)))
    };
    let (factor, inner) = match (outside(g, product[1]), outside(g, product[0])) {
        (true, _) => (product[1], product[0]),
        (_, true) => (product[0], product[1]),
        _ => return None,
    };
    let factor = narrowed(g, factor, &kept, &site.node.ty.shape);
    let sum = g.sum(inner, axes);
    Some(g.mul(sum, factor))
}

fn pads_concat(g: &mut Graph, site: &Site) -> Option<NodeId> {
    if site.node.op != &ADD {
        return None;
    }
    let pad = |id: NodeId| {
        let node = is(g, id, &PAD)?;
        let Attrs::Pad(pads) = &node.attrs else { return None };
        let mut axes = (0..pads.len()).filter(|i| pads[*i] != (0, 0, 0));
        let axis = axes.next().filter(|_| axes.next().is_none())?;
        Some((node.args[0], axis, pads[axis], g.shape(node.args[0])[axis]))
    };
    let ((a, axis, p, n), (b, other, q, m)) = (pad(site.node.args[0])?, pad(site.node.args[1])?);
    if axis != other {
        return None;
    }
    match (p, q) {
        ((0, high, _), (low, 0, _)) if high == m && low == n => Some(g.concat(&[a, b], axis)),
        ((low, 0, _), (0, high, _)) if high == n && low == m => Some(g.concat(&[b, a], axis)),
        _ => None,
    }
}
