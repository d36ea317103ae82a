//! Sums over the iterations of a loop: a carry that only adds up products, as the slope of a weight does,
//! becomes one product behind the loop, of what the loop stacks. In: a graph. Out: an equal graph, whose
//! sums are rounded in another order.

use super::loops::{Slim, place, used};
use super::sweep::{live, uses};
use crate::graph::attrs::{ContractSpec, Scan};
use crate::graph::op::contract::CONTRACT;
use crate::graph::op::control;
use crate::graph::op::map::ADD;
use crate::graph::op::reduce::SUM;
use crate::graph::{Attrs, Graph, NodeId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most elements that a loop stacks for its sums, over all iterations.
const MOST: usize = 1 << 26;
/// An iteration may stack so many elements for each one of the sums, which it need not read and write.
const RATIO: usize = 4;

/// The pass, for every loop, inner loops first.
pub fn sums(graph: &Graph) -> Graph {
    let live = live(graph);
    let used = used(graph, &live);
    if used.is_empty() {
        return graph.clone();
    }
    let mut out = Graph::new();
    let mut map = vec![NodeId(u32::MAX); graph.len()];
    let mut results: BTreeMap<NodeId, BTreeMap<usize, NodeId>> = BTreeMap::new();
    for id in graph.ids().filter(|id| live[id.0 as usize]) {
        let node = graph.node(id);
        let args: Vec<NodeId> = node.args.iter().map(|a| map[a.0 as usize]).collect();
        match &node.attrs {
            Attrs::Scan(scan) => {
                let body = sums(&scan.body);
                let scan = Scan { body, ..(**scan).clone() };
                let used = used.get(&id).cloned().unwrap_or_default();
                results.insert(id, without_sums(&mut out, scan, &args, used));
            }
            Attrs::Result { index, .. } => map[id.0 as usize] = results[&node.args[0]][index],
            attrs => map[id.0 as usize] = out.push(node.op, args, attrs.clone()),
        }
    }
    out.outputs = graph.outputs.iter().map(|(n, id)| (n.clone(), map[id.0 as usize])).collect();
    out
}

/// What is added to a carry in each iteration, by nodes of the body.
enum Term {
    Product([NodeId; 2], ContractSpec),
    Sum(NodeId, Vec<usize>),
}

/// Adds the loop to the graph, and its sums behind it. Gives the results that are used.
fn without_sums(
    out: &mut Graph,
    mut scan: Scan,
    args: &[NodeId],
    mut wanted: BTreeSet<usize>,
) -> BTreeMap<usize, NodeId> {
    let mut found = found(&scan);
    found.retain(|carry, _| wanted.remove(carry));
    let mut stacks: BTreeMap<NodeId, usize> = BTreeMap::new();
    for id in found.values().flatten().flat_map(operands) {
        if sequence(&scan, id).is_none() && !stacks.contains_key(&id) {
            stacks.insert(id, scan.body.outputs.len());
            scan.body.output(format!("term{}", scan.body.outputs.len()), id);
        }
    }
    let kept: Vec<usize> = wanted.iter().copied().collect();
    wanted.extend(stacks.values());
    let mut there = BTreeMap::new();
    if !wanted.is_empty() {
        let slim = Slim::new(&scan, wanted);
        let slimmed = slim.scan(&scan);
        let (args, types) = (slim.args(&scan, args), control::scan_results(&slimmed));
        let node = out.push(&control::SCAN, args, Attrs::Scan(Arc::new(slimmed)));
        for ((at, old), ty) in slim.results.iter().enumerate().zip(types) {
            there.insert(*old, out.get(node, at, ty));
        }
    }
    let mut results: BTreeMap<usize, NodeId> = kept.into_iter().map(|i| (i, there[&i])).collect();
    for (carry, terms) in found {
        let total = terms.iter().fold(args[carry], |total, term| {
            let stacked = |id: &NodeId| match sequence(&scan, *id) {
                Some(i) => args[scan.carries + i],
                None => there[&stacks[id]],
            };
            let value = match term {
                Term::Product([a, b], spec) => {
                    out.contraction(stacked(a), stacked(b), over_time(spec))
                }
                Term::Sum(x, axes) => {
                    let x = stacked(x);
                    let axes: Vec<usize> =
                        [0].into_iter().chain(axes.iter().map(|a| a + 1)).collect();
                    out.sum(x, &axes)
                }
            };
            out.add(total, value)
        });
        results.insert(carry, total);
    }
    results
}

/// The product of stacked operands, summed over their first dim too.
fn over_time(spec: &ContractSpec) -> ContractSpec {
    let taken = |label: &u8| spec.lhs.contains(label) || spec.rhs.contains(label);
    let time = (b'a'..=b'z').find(|label| !taken(label)).expect("operands have few dims");
    let with = |labels: &[u8]| [&[time], labels].concat();
    ContractSpec { lhs: with(&spec.lhs), rhs: with(&spec.rhs), out: spec.out.clone() }
}

fn operands(term: &Term) -> Vec<NodeId> {
    match term {
        Term::Product(pair, _) => pair.to_vec(),
        Term::Sum(x, _) => vec![*x],
    }
}

/// The number of the sequence that a node of the body is.
fn sequence(scan: &Scan, id: NodeId) -> Option<usize> {
    match &scan.body.node(id).attrs {
        Attrs::Input { name, .. } => place(name, 'x'),
        _ => None,
    }
}

/// Carries that only add up, with their terms: those with products, if stacking their operands pays, and
/// then those whose operands are stacked anyway.
fn found(scan: &Scan) -> BTreeMap<usize, Vec<Term>> {
    if scan.length < 2 {
        return BTreeMap::new();
    }
    let uses = uses(&scan.body, &live(&scan.body));
    let mut all: BTreeMap<usize, Vec<Term>> =
        (0..scan.carries).filter_map(|carry| Some((carry, terms(scan, carry, &uses)?))).collect();
    let product = |term: &Term| matches!(term, Term::Product(..));
    let mut stacked: BTreeSet<NodeId> =
        scan.body.outputs[scan.carries..].iter().map(|(_, id)| *id).collect();
    let free = stacked.clone();
    let with: Vec<usize> = all.keys().copied().filter(|i| all[i].iter().any(product)).collect();
    let own = |terms: &[Term]| -> Vec<NodeId> {
        let ids = terms.iter().filter(|t| product(t)).flat_map(operands);
        ids.filter(|id| sequence(scan, *id).is_none()).collect()
    };
    with.iter().for_each(|carry| stacked.extend(own(&all[carry])));
    let size = |id: &NodeId| scan.body.ty(*id).len();
    let each: usize = stacked.difference(&free).map(size).sum();
    let sums: usize = with.iter().map(|carry| size(&scan.body.outputs[*carry].1)).sum();
    if each > RATIO * sums || each.checked_mul(scan.length).is_none_or(|n| n > MOST) {
        stacked = free.clone();
    }
    all.retain(|_, terms| {
        let there = |id: &NodeId| sequence(scan, *id).is_some() || stacked.contains(id);
        terms.iter().flat_map(operands).all(|id| there(&id))
    });
    all
}

/// What is added to a carry that nothing else reads.
fn terms(scan: &Scan, carry: usize, uses: &[u32]) -> Option<Vec<Term>> {
    let body = &scan.body;
    let name = format!("c{carry}");
    let is_carry =
        |id: NodeId| matches!(&body.node(id).attrs, Attrs::Input { name: n, .. } if *n == name);
    let mut at = body.outputs[carry].1;
    let mut terms = vec![];
    while !is_carry(at) {
        let node = body.node(at);
        if node.op != &ADD || uses[at.0 as usize] != 1 {
            return None;
        }
        let (a, b) = (node.args[0], node.args[1]);
        let next = if leads(body, a, &is_carry) { a } else { b };
        terms.push(term(body, if next == a { b } else { a })?);
        at = next;
    }
    (uses[at.0 as usize] == 1 && !terms.is_empty()).then_some(terms)
}

/// Whether a chain of sums leads to the carry.
fn leads(body: &Graph, id: NodeId, is_carry: &dyn Fn(NodeId) -> bool) -> bool {
    let mut waiting = vec![id];
    while let Some(id) = waiting.pop() {
        if is_carry(id) {
            return true;
        }
        if body.node(id).op == &ADD {
            waiting.extend(&body.node(id).args);
        }
    }
    false
}

/// A value as a sum of products, or of elements. Operands that are the same in each iteration have no
/// stack.
fn term(body: &Graph, id: NodeId) -> Option<Term> {
    let node = body.node(id);
    let varies = |id: NodeId| !matches!(&body.node(id).attrs, Attrs::Input { name, .. } if place(name, 'k').is_some());
    match &node.attrs {
        Attrs::Contract(spec) if node.op == &CONTRACT && node.args.iter().all(|a| varies(*a)) => {
            Some(Term::Product([node.args[0], node.args[1]], spec.clone()))
        }
        Attrs::Axes(axes) if node.op == &SUM && varies(node.args[0]) => {
            Some(Term::Sum(node.args[0], axes.clone()))
        }
        _ => None,
    }
}
