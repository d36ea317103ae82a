//! Rules of contractions: views of operands and results become labels. In: a node on offer. Out: a
//! contraction of smaller or unmoved operands, or a map where nothing is contracted.

use super::{Rule, is, of, pair, spread, uniform};
use crate::graph::attrs::ContractSpec;
use crate::graph::op::contract::CONTRACT;
use crate::graph::op::map::{MUL, NEG};
use crate::graph::op::reduce::SUM;
use crate::graph::op::view::PERMUTE;
use crate::graph::{Attrs, Graph, NodeId};
use crate::optimize::sweep::Site;

/// All rules of this file.
pub const RULES: &[Rule] = &[
    Rule {
        name: "contract-permute",
        doc: "permute of an operand or of the result -> labels in another order",
        apply: contract_permute,
        example: "%0 = input [\"x\" other] : f32[3,4]\n%1 = input [\"w\" other] : f32[3,5]\n%2 = permute %0 [perm 1,0] : f32[4,3]\n%3 = contract %2 %1 [ab,bc->ac] : f32[4,5]\noutput \"y\" = %3",
    },
    Rule {
        name: "permute-contract",
        doc: "permute of a contraction -> its result labels in that order",
        apply: permute_contract,
        example: "%0 = input [\"x\" other] : f32[3,4]\n%1 = input [\"w\" other] : f32[4,5]\n%2 = contract %0 %1 [ab,bc->ac] : f32[3,5]\n%3 = permute %2 [perm 1,0] : f32[5,3]\noutput \"y\" = %3",
    },
    Rule {
        name: "contract-broadcast",
        doc: "a repeated operand -> without the repeated label",
        apply: contract_broadcast,
        example: "%0 = input [\"x\" other] : f32[4]\n%1 = input [\"w\" other] : f32[4,5]\n%2 = broadcast %0 [at 1] : f32[3,4]\n%3 = contract %2 %1 [ab,bc->ac] : f32[3,5]\noutput \"y\" = %3",
    },
    Rule {
        name: "contract-map",
        doc: "a contraction that sums nothing -> a product",
        apply: contract_map,
        example: "%0 = input [\"x\" other] : f32[3]\n%1 = input [\"w\" other] : f32[4]\n%2 = contract %0 %1 [a,b->ab] : f32[3,4]\noutput \"y\" = %2",
    },
    Rule {
        name: "contract-dot",
        doc: "a contraction without free labels -> the sum of a product",
        apply: contract_dot,
        example: "%0 = input [\"x\" other] : f32[3,4]\n%1 = input [\"w\" other] : f32[3,4]\n%2 = contract %0 %1 [ab,ab->a] : f32[3]\noutput \"y\" = %2",
    },
    Rule {
        name: "contract-scale",
        doc: "a literal factor or a sign of an operand -> of the result",
        apply: contract_scale,
        example: "%0 = input [\"x\" other] : f32[3,4]\n%1 = input [\"w\" other] : f32[4,5]\n%2 = neg %0 : f32[3,4]\n%3 = contract %2 %1 [ab,bc->ac] : f32[3,5]\noutput \"y\" = %3",
    },
    Rule {
        name: "sum-contract",
        doc: "sum of a contraction -> a contraction that sums more",
        apply: sum_contract,
        example: "%0 = input [\"x\" other] : f32[3,4]\n%1 = input [\"w\" other] : f32[4,5]\n%2 = contract %0 %1 [ab,bc->ac] : f32[3,5]\n%3 = sum %2 [axes 0] : f32[5]\noutput \"y\" = %3",
    },
];

/// Operands and labels of the contraction on offer.
fn parts(site: &Site) -> Option<(NodeId, NodeId, ContractSpec)> {
    let Attrs::Contract(spec) = &site.node.attrs else { return None };
    Some((site.node.args[0], site.node.args[1], spec.clone()))
}

fn contract_permute(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let (mut a, mut b, mut spec) = parts(site)?;
    let before = (a, b);
    for (operand, labels) in [(&mut a, &mut spec.lhs), (&mut b, &mut spec.rhs)] {
        if let Some(node) = is(g, *operand, &PERMUTE)
            && let Attrs::Perm(perm) = &node.attrs
        {
            let mut unmoved = labels.clone();
            perm.iter().enumerate().for_each(|(i, p)| unmoved[*p] = labels[i]);
            (*operand, *labels) = (node.args[0], unmoved);
        }
    }
    ((a, b) != before).then(|| g.contraction(a, b, spec))
}

fn permute_contract(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let Attrs::Perm(perm) = &site.node.attrs else { return None };
    if !site.single(site.node.args[0]) {
        return None;
    }
    let inner = is(g, site.node.args[0], &CONTRACT)?.clone();
    let Attrs::Contract(mut spec) = inner.attrs else { return None };
    spec.out = perm.iter().map(|p| spec.out[*p]).collect();
    Some(g.contraction(inner.args[0], inner.args[1], spec))
}

/// Drops the labels along which an operand is repeated. A label that was summed leaves a sum of
/// the other operand, a free one a repeated result.
fn contract_broadcast(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let (a, b, spec) = parts(site)?;
    if let Some(made) = without_repeats(g, site, a, b, &spec) {
        return Some(made);
    }
    let flipped = ContractSpec { lhs: spec.rhs, rhs: spec.lhs, out: spec.out };
    without_repeats(g, site, b, a, &flipped)
}

fn without_repeats(
    g: &mut Graph,
    site: &Site,
    a: NodeId,
    b: NodeId,
    spec: &ContractSpec,
) -> Option<NodeId> {
    let (x, dims) = spread(g, a)?;
    let repeated = |l: &u8| !dims.iter().any(|d| spec.lhs[*d] == *l) && spec.lhs.contains(l);
    let summed: Vec<usize> = (0..spec.rhs.len())
        .filter(|i| repeated(&spec.rhs[*i]) && !spec.out.contains(&spec.rhs[*i]))
        .collect();
    let b = g.sum(b, &summed);
    let free = |l: &u8| repeated(l) && !spec.rhs.contains(l);
    let rhs = spec.rhs.iter().enumerate().filter(|(i, _)| !summed.contains(i));
    let inner = ContractSpec {
        lhs: dims.iter().map(|d| spec.lhs[*d]).collect(),
        rhs: rhs.map(|(_, l)| *l).collect(),
        out: spec.out.iter().copied().filter(|l| !free(l)).collect(),
    };
    let y = g.contraction(x, b, inner);
    let kept: Vec<usize> = (0..spec.out.len()).filter(|i| !free(&spec.out[*i])).collect();
    Some(g.broadcast(y, &site.node.ty.shape, &kept))
}

/// An operand moved and repeated so that its dims are those of `labels`.
pub fn laid_out(
    g: &mut Graph,
    x: NodeId,
    own: &[u8],
    labels: &[u8],
    shape: &[usize],
) -> Option<NodeId> {
    let mut order = Vec::new();
    let mut at = Vec::new();
    for (i, label) in labels.iter().enumerate() {
        if let Some(j) = own.iter().position(|l| l == label) {
            order.push(j);
            at.push(i);
        }
    }
    if order.len() != own.len() {
        return None;
    }
    let x = g.permute(x, &order);
    Some(g.broadcast(x, shape, &at))
}

fn contract_map(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let (a, b, spec) = parts(site)?;
    let shape = &site.node.ty.shape;
    if spec.lhs.iter().any(|l| !spec.out.contains(l)) {
        return None;
    }
    let a = laid_out(g, a, &spec.lhs, &spec.out, shape)?;
    let b = laid_out(g, b, &spec.rhs, &spec.out, shape)?;
    Some(g.mul(a, b))
}

fn contract_dot(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let (a, b, spec) = parts(site)?;
    let same = |x: &[u8], y: &[u8]| x.iter().all(|l| y.contains(l));
    if !same(&spec.lhs, &spec.rhs) || !same(&spec.rhs, &spec.lhs) {
        return None;
    }
    let shape = g.shape(a).to_vec();
    let b = laid_out(g, b, &spec.rhs, &spec.lhs, &shape)?;
    let product = g.mul(a, b);
    let summed = |i: &usize| !spec.out.contains(&spec.lhs[*i]);
    let axes: Vec<usize> = (0..spec.lhs.len()).filter(summed).collect();
    let y = g.sum(product, &axes);
    let kept: Vec<u8> = spec.lhs.iter().copied().filter(|l| spec.out.contains(l)).collect();
    laid_out(g, y, &kept, &spec.out, &site.node.ty.shape)
}

fn contract_scale(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let (a, b, spec) = parts(site)?;
    for (i, operand) in [a, b].into_iter().enumerate() {
        if !site.single(operand) {
            continue;
        }
        let (inner, factor) = if let Some(x) = of(g, operand, &NEG) {
            (x, -1.0)
        } else if let Some((x, c)) = pair(g, operand, &MUL) {
            let Some(c) = uniform(g, c) else { continue };
            (x, c)
        } else {
            continue;
        };
        let (a, b) = if i == 0 { (inner, b) } else { (a, inner) };
        let y = g.contraction(a, b, spec);
        return Some(if factor == -1.0 { g.neg(y) } else { g.scale(y, factor) });
    }
    None
}

fn sum_contract(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let Attrs::Axes(axes) = &site.node.attrs else { return None };
    let y = site.node.args[0];
    if site.node.op != &SUM || !site.single(y) {
        return None;
    }
    let inner = is(g, y, &CONTRACT)?.clone();
    let Attrs::Contract(spec) = inner.attrs else { return None };
    let gone: Vec<u8> = axes.iter().map(|a| spec.out[*a]).collect();
    let mut sides = [(inner.args[0], spec.lhs.clone()), (inner.args[1], spec.rhs.clone())];
    for (i, other) in [(0, &spec.rhs), (1, &spec.lhs)] {
        let (operand, labels) = &mut sides[i];
        let free = |l: &u8| gone.contains(l) && !other.contains(l);
        let axes: Vec<usize> = (0..labels.len()).filter(|i| free(&labels[*i])).collect();
        *operand = g.sum(*operand, &axes);
        labels.retain(|l| !free(l));
    }
    let [(a, lhs), (b, rhs)] = sides;
    let out = spec.out.into_iter().filter(|l| !gone.contains(l)).collect();
    Some(g.contraction(a, b, ContractSpec { lhs, rhs, out }))
}
