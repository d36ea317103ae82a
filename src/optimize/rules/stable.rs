//! Rules that replace formulas that lose digits or overflow by ones that do not. In: a map on
//! offer. Out: its stable form. They run before derivatives are taken, so that these are stable too.

use super::pattern::{Rewrite, rewrite};
use super::{Rule, is, is_real, of, pair};
use crate::graph::op::index::TAKE_ALONG;
use crate::graph::op::is;
use crate::graph::op::map::{ADD, EXP, LOG, NEG, SELECT, SIGMOID, SUB};
use crate::graph::op::reduce::SUM;
use crate::graph::{Attrs, Graph, Kind, NodeId};
use crate::optimize::sweep::Site;
use std::sync::LazyLock;

/// All rules of this file.
pub const RULES: &[Rule] = &[
    rewrite!(
        "exp-log",
        "log(exp(x)) -> x",
        "%0 = input [\"x\" other] : f32[3]\n%1 = exp %0 : f32[3]\n%2 = log %1 : f32[3]\noutput \"y\" = %2"
    ),
    rewrite!(
        "log-sigmoid",
        "log(sigmoid(x)) -> -softplus(-x)",
        "%0 = input [\"x\" other] : f32[3]\n%1 = sigmoid %0 : f32[3]\n%2 = log %1 : f32[3]\noutput \"y\" = %2"
    ),
    rewrite!(
        "log-one-minus-sigmoid",
        "log(1 - sigmoid(x)) -> -softplus(x); log(-sigmoid(x) + 1) -> -softplus(x); log1p(-sigmoid(x)) -> -softplus(x)",
        "%0 = input [\"x\" other] : f32[3]\n%1 = const [1.0] : f32[]\n%2 = broadcast %1 [at] : f32[3]\n%3 = sigmoid %0 : f32[3]\n%4 = sub %2 %3 : f32[3]\n%5 = log %4 : f32[3]\noutput \"y\" = %5"
    ),
    rewrite!(
        "log-one-plus",
        "log(1 - x) -> log1p(-x); log(1 + x) -> log1p(x)",
        "%0 = input [\"x\" other] : f32[3]\n%1 = const [1.0] : f32[]\n%2 = broadcast %1 [at] : f32[3]\n%3 = exp %0 : f32[3]\n%4 = add %3 %2 : f32[3]\n%5 = log %4 : f32[3]\noutput \"y\" = %5"
    ),
    rewrite!(
        "log1p-exp",
        "log1p(exp(x)) -> softplus(x)",
        "%0 = input [\"x\" other] : f32[3]\n%1 = exp %0 : f32[3]\n%2 = log1p %1 : f32[3]\noutput \"y\" = %2"
    ),
    rewrite!(
        "exp-minus-one",
        "exp(x) + -1 -> expm1(x); exp(x) - 1 -> expm1(x)",
        "%0 = input [\"x\" other] : f32[3]\n%1 = const [-1.0] : f32[]\n%2 = broadcast %1 [at] : f32[3]\n%3 = exp %0 : f32[3]\n%4 = add %3 %2 : f32[3]\noutput \"y\" = %4"
    ),
    Rule {
        name: "log-sum-exp",
        doc: "log(sum(exp(x))) -> logsumexp(x)",
        apply: log_sum_exp,
        example: "%0 = input [\"x\" other] : f32[3]\n%1 = exp %0 : f32[3]\n%2 = sum %1 [axes 0] : f32[]\n%3 = log %2 : f32[]\noutput \"y\" = %3",
    },
    rewrite!(
        "log-quotient",
        "log(exp(x) / y) -> x - log(y); log(y / exp(x)) -> log(y) - x; log(exp(x) * y) -> log(y) + x",
        "%0 = input [\"x\" other] : f32[3]\n%1 = exp %0 : f32[3]\n%2 = sum %1 [axes 0] : f32[]\n%3 = broadcast %2 [at] : f32[3]\n%4 = div %1 %3 : f32[3]\n%5 = log %4 : f32[3]\noutput \"y\" = %5"
    ),
    Rule {
        name: "log-moves-in",
        doc: "log of a broadcast, a view, a pick or a choice of something whose log is stable -> the log moves in",
        apply: log_moves_in,
        example: "%0 = input [\"x\" other] : f32[3]\n%1 = sigmoid %0 : f32[3]\n%2 = reshape %1 [shape 3,1] : f32[3,1]\n%3 = log %2 : f32[3,1]\noutput \"y\" = %3",
    },
];

/// The operand of the log on offer.
fn logged(site: &Site) -> Option<NodeId> {
    (site.node.op == &LOG).then(|| site.node.args[0])
}

/// `x` of `1 - sigmoid(x)`, however it is written.
fn complement(g: &Graph, id: NodeId) -> Option<NodeId> {
    if let Some((one, s)) = pair(g, id, &SUB) {
        return is_real(g, one, 1.0).then(|| of(g, s, &SIGMOID)).flatten();
    }
    let (s, one) = pair(g, id, &ADD)?;
    is_real(g, one, 1.0).then(|| of(g, of(g, s, &NEG)?, &SIGMOID)).flatten()
}

fn log_sum_exp(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let sum = is(g, logged(site)?, &SUM)?.clone();
    let Attrs::Axes(axes) = &sum.attrs else { return None };
    let x = of(g, sum.args[0], &EXP)?;
    Some(g.logsumexp(x, axes))
}

/// Whether the log of this has a rule above; looks through what [`log_moves_in`] looks through.
fn has_stable_log(g: &Graph, id: NodeId, depth: usize) -> bool {
    let node = g.node(id);
    let exp = |id: NodeId| of(g, id, &EXP).is_some();
    let inner = |id: NodeId| depth > 0 && has_stable_log(g, id, depth - 1);
    match node.op.name {
        is::SIGMOID | is::EXP => true,
        is::DIV | is::MUL => node.args.iter().any(|a| exp(*a)),
        is::SUB | is::ADD => complement(g, id).is_some(),
        is::BROADCAST
        | is::RESHAPE
        | is::PERMUTE
        | is::SLICE
        | is::FLIP
        | is::TAKE_ALONG
        | is::GATHER => inner(node.args[0]),
        is::SELECT => inner(node.args[1]) || inner(node.args[2]),
        _ => false,
    }
}

fn log_moves_in(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let y = logged(site)?;
    if !has_stable_log(g, y, 4) {
        return None;
    }
    let node = g.node(y).clone();
    let moved: &[usize] = if node.op == &SELECT {
        &[1, 2]
    } else if node.op.kind == Kind::View || node.op == &TAKE_ALONG || node.op.name == is::GATHER {
        &[0]
    } else {
        return None;
    };
    let mut args = node.args;
    for i in moved {
        args[*i] = g.log(args[*i]);
    }
    Some(g.push(node.op, args, node.attrs))
}
