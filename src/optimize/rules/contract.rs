//! Rules of contractions: views of operands and results become labels. In: a node on offer. Out: a
//! contraction of smaller or unmoved operands, or a map where nothing is contracted.

use super::{Rule, is, is_moderate, of, pair, spread};
use crate::graph::attrs::ContractSpec;
use crate::graph::op::contract::CONTRACT;
use crate::graph::op::map::{ADD, MUL, NEG, SUB};
use crate::graph::op::reduce::SUM;
use crate::graph::op::view::PERMUTE;
use crate::graph::{Attrs, DType, Graph, NodeId};
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
    Rule {
        name: "contract-labels",
        doc: "labels are named in order of appearance",
        apply: contract_labels,
        example: "%0 = input [\"x\" other] : f32[3,4]\n%1 = input [\"w\" other] : f32[4,5]\n%2 = contract %0 %1 [xz,zy->xy] : f32[3,5]\noutput \"y\" = %2",
    },
    Rule {
        name: "add-contract",
        doc: "x @ y + x @ z -> x @ (y + z), also with signs, literal factors and other terms between",
        apply: add_contract,
        example: "%0 = input [\"x\" other] : f32[3,4]\n%1 = input [\"y\" other] : f32[4,5]\n%2 = input [\"z\" other] : f32[4,5]\n%3 = input [\"u\" other] : f32[3,5]\n%4 = contract %0 %1 [ab,bc->ac] : f32[3,5]\n%5 = contract %0 %2 [ab,bc->ac] : f32[3,5]\n%6 = add %3 %4 : f32[3,5]\n%7 = sub %6 %5 : f32[3,5]\noutput \"y\" = %7",
    },
];

/// Operands and labels of the contraction on offer.
fn parts(site: &Site) -> Option<(NodeId, NodeId, ContractSpec)> {
    let Attrs::Contract(spec) = &site.node.attrs else { return None };
    Some((site.node.args[0], site.node.args[1], spec.clone()))
}

fn contract_labels(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let (a, b, spec) = parts(site)?;
    let mut seen: Vec<u8> = Vec::new();
    for label in spec.lhs.iter().chain(&spec.rhs) {
        if !seen.contains(label) {
            seen.push(*label);
        }
    }
    let name = |l: &u8| seen.iter().position(|s| s == l).map(|i| b'a' + i as u8);
    let names = |labels: &[u8]| labels.iter().map(name).collect::<Option<Vec<u8>>>();
    let named =
        ContractSpec { lhs: names(&spec.lhs)?, rhs: names(&spec.rhs)?, out: names(&spec.out)? };
    (named != spec).then(|| g.contraction(a, b, named))
}

/// A term of a sum: its factor, and the node.
type Term = (f64, NodeId);

/// The terms of a sum, through sums that nothing else reads.
fn terms(g: &Graph, site: &Site) -> Vec<Term> {
    const MANY: usize = 16;
    let sign = |op: crate::graph::Op| if op == &SUB { -1.0 } else { 1.0 };
    let node = site.node;
    let mut open = vec![(sign(node.op), node.args[1]), (1.0, node.args[0])];
    let mut found = Vec::new();
    while let Some((factor, id)) = open.pop() {
        let inner = g.node(id);
        let single = site.single(id) && open.len() + found.len() < MANY;
        if single && (inner.op == &ADD || inner.op == &SUB) {
            open.push((factor * sign(inner.op), inner.args[1]));
            open.push((factor, inner.args[0]));
        } else if single && inner.op == &NEG {
            open.push((-factor, inner.args[0]));
        } else if single && inner.op == &MUL {
            match g.literal(inner.args[1]) {
                Some(c) if is_moderate(c) => open.push((factor * c, inner.args[0])),
                _ => found.push((factor, id)),
            }
        } else {
            found.push((factor, id));
        }
    }
    found
}

fn add_contract(g: &mut Graph, site: &Site) -> Option<NodeId> {
    if (site.node.op != &ADD && site.node.op != &SUB) || site.node.ty.dtype != DType::F32 {
        return None;
    }
    let mut terms = terms(g, site);
    let shared = |a: &Term, b: &Term| {
        let (x, y) = (is(g, a.1, &CONTRACT)?, is(g, b.1, &CONTRACT)?);
        let alone = site.single(a.1) && site.single(b.1) && x.attrs == y.attrs;
        (0..2).find(|side| alone && x.args[*side] == y.args[*side])
    };
    let pairs = (0..terms.len()).flat_map(|i| (i + 1..terms.len()).map(move |j| (i, j)));
    let found = pairs.into_iter().find_map(|(i, j)| Some((i, j, shared(&terms[i], &terms[j])?)));
    let (i, j, side) = found?;
    let (second, first) = (terms.remove(j), terms[i]);
    let node = g.node(first.1).clone();
    let (x, y) = (node.args[1 - side], g.node(second.1).args[1 - side]);
    let (x, y) = (g.scale(x, first.0), g.scale(y, second.0));
    let mut args = node.args;
    args[1 - side] = g.add(x, y);
    terms[i] = (1.0, g.push(node.op, args, node.attrs));
    let mut sum = None;
    for (factor, term) in terms {
        let term = g.scale(term, factor);
        sum = Some(sum.map_or(term, |sum| g.add(sum, term)));
    }
    sum
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
            let Some(c) = g.literal(c).filter(|c| is_moderate(*c)) else { continue };
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
