//! Rules of arithmetic on maps. In: a map on offer. Out: a cheaper map.

use super::pattern::{Rewrite, rewrite};
use super::{Rule, is, is_moderate, is_normal, is_real, of, pair};
use crate::graph::op::is;
use crate::graph::op::map::{ADD, AND, CAST, DIV, MUL, NEG, OR, SELECT, SUB};
use crate::graph::{Attrs, DType, Graph, NodeId};
use crate::optimize::sweep::Site;
use std::sync::LazyLock;

/// All rules of this file.
pub const RULES: &[Rule] = &[
    Rule {
        name: "order",
        doc: "literals second; otherwise the older operand first",
        apply: order,
        example: "%0 = input [\"x\" other] : f32[3]\n%1 = input [\"y\" other] : f32[3]\n%2 = add %1 %0 : f32[3]\noutput \"y\" = %2",
    },
    Rule {
        name: "neutral",
        doc: "x + 0, x - 0, x * 1, x / 1, x ^ 1 -> x",
        apply: neutral,
        example: "%0 = input [\"x\" other] : f32[3]\n%1 = const [1.0] : f32[]\n%2 = broadcast %1 [at] : f32[3]\n%3 = mul %0 %2 : f32[3]\noutput \"y\" = %3",
    },
    rewrite!(
        "absorb",
        "x * 0 -> 0",
        "%0 = input [\"x\" other] : f32[3]\n%1 = const [0.0] : f32[]\n%2 = broadcast %1 [at] : f32[3]\n%3 = mul %0 %2 : f32[3]\noutput \"y\" = %3"
    ),
    rewrite!(
        "from-zero",
        "0 - x -> -x",
        "%0 = input [\"x\" other] : f32[3]\n%1 = const [0.0] : f32[]\n%2 = broadcast %1 [at] : f32[3]\n%3 = sub %2 %0 : f32[3]\noutput \"y\" = %3"
    ),
    rewrite!(
        "negative-factor",
        "x * -1 -> -x",
        "%0 = input [\"x\" other] : f32[3]\n%1 = const [-1.0] : f32[]\n%2 = broadcast %1 [at] : f32[3]\n%3 = mul %0 %2 : f32[3]\noutput \"y\" = %3"
    ),
    Rule {
        name: "twice-negative",
        doc: "-(-x) -> x; -(x - y) -> y - x; -(x * c) -> x * -c",
        apply: twice_negative,
        example: "%0 = input [\"x\" other] : f32[3]\n%1 = neg %0 : f32[3]\n%2 = neg %1 : f32[3]\noutput \"y\" = %2",
    },
    rewrite!(
        "add-negative",
        "x + -y -> x - y; x - -y -> x + y",
        "%0 = input [\"x\" other] : f32[3]\n%1 = input [\"y\" other] : f32[3]\n%2 = neg %1 : f32[3]\n%3 = add %0 %2 : f32[3]\noutput \"y\" = %3"
    ),
    Rule {
        name: "subtract-literal",
        doc: "x - c -> x + -c",
        apply: subtract_literal,
        example: "%0 = input [\"x\" other] : f32[3]\n%1 = const [3.0] : f32[]\n%2 = broadcast %1 [at] : f32[3]\n%3 = sub %0 %2 : f32[3]\noutput \"y\" = %3",
    },
    Rule {
        name: "factor-negative",
        doc: "-x * y -> -(x * y); -x / y -> -(x / y)",
        apply: factor_negative,
        example: "%0 = input [\"x\" other] : f32[3]\n%1 = input [\"y\" other] : f32[3]\n%2 = neg %0 : f32[3]\n%3 = mul %2 %1 : f32[3]\noutput \"y\" = %3",
    },
    Rule {
        name: "add-same",
        doc: "x + x -> x * 2; x + x * c -> x * (1 + c)",
        apply: add_same,
        example: "%0 = input [\"x\" other] : f32[3]\n%1 = add %0 %0 : f32[3]\noutput \"y\" = %1",
    },
    Rule {
        name: "divide-literal",
        doc: "x / c -> x * (1 / c) for powers of two, where both are the same",
        apply: divide_literal,
        example: "%0 = input [\"x\" other] : f32[3]\n%1 = const [8.0] : f32[]\n%2 = broadcast %1 [at] : f32[3]\n%3 = div %0 %2 : f32[3]\noutput \"y\" = %3",
    },
    Rule {
        name: "merge-literals",
        doc: "(x * c) * d -> x * (c * d); (x + c) + d -> x + (c + d) for c and d of one sign",
        apply: merge_literals,
        example: "%0 = input [\"x\" other] : f32[3]\n%1 = const [3.0] : f32[]\n%2 = broadcast %1 [at] : f32[3]\n%3 = mul %0 %2 : f32[3]\n%4 = const [5.0] : f32[]\n%5 = broadcast %4 [at] : f32[3]\n%6 = mul %3 %5 : f32[3]\noutput \"y\" = %6",
    },
    Rule {
        name: "literal-outwards",
        doc: "(x * c) * y -> (x * y) * c",
        apply: literal_outwards,
        example: "%0 = input [\"x\" other] : f32[3]\n%1 = input [\"y\" other] : f32[3]\n%2 = const [3.0] : f32[]\n%3 = broadcast %2 [at] : f32[3]\n%4 = mul %0 %3 : f32[3]\n%5 = mul %4 %1 : f32[3]\noutput \"y\" = %5",
    },
    rewrite!(
        "power",
        "x ^ 2 -> x * x; x ^ 3 -> x * x * x; x ^ 0.5 -> sqrt(x); x ^ 0 -> 1; x ^ -1 -> 1 / x",
        "%0 = input [\"x\" other] : f32[3]\n%1 = const [2.0] : f32[]\n%2 = broadcast %1 [at] : f32[3]\n%3 = pow %0 %2 : f32[3]\noutput \"y\" = %3"
    ),
    Rule {
        name: "select-same",
        doc: "select(c, x, x) -> x; of a literal condition -> a side",
        apply: select_same,
        example: "%0 = input [\"x\" other] : f32[3]\n%1 = input [\"y\" other] : f32[3]\n%2 = lt %0 %1 : bool[3]\n%3 = select %2 %0 %0 : f32[3]\noutput \"y\" = %3",
    },
    Rule {
        name: "truth",
        doc: "c or true -> true, c and false -> false; c or false, c and true -> c",
        apply: truth,
        example: "%0 = input [\"x\" other] : f32[3]\n%1 = input [\"y\" other] : f32[3]\n%2 = lt %0 %1 : bool[3]\n%3 = const [1.0] : bool[]\n%4 = broadcast %3 [at] : bool[3]\n%5 = or %2 %4 : bool[3]\n%6 = select %5 %0 %1 : f32[3]\noutput \"y\" = %6",
    },
    Rule {
        name: "select-product",
        doc: "select(c, x, 0) * y with c as a factor only once -> select(c, x * y, 0)",
        apply: select_product,
        example: "%0 = input [\"x\" other] : f32[3]\n%1 = input [\"y\" other] : f32[3]\n%2 = lt %0 %1 : bool[3]\n%3 = const [0.0] : f32[]\n%4 = broadcast %3 [at] : f32[3]\n%5 = select %2 %0 %4 : f32[3]\n%6 = mul %5 %1 : f32[3]\noutput \"y\" = %6",
    },
    Rule {
        name: "cast-cast",
        doc: "a cast of a truth value or an integer to a real and back",
        apply: cast_cast,
        example: "%0 = input [\"x\" other] : f32[3]\n%1 = input [\"y\" other] : f32[3]\n%2 = lt %0 %1 : bool[3]\n%3 = cast %2 [to] : f32[3]\n%4 = cast %3 [to] : bool[3]\n%5 = cast %4 [to] : f32[3]\noutput \"y\" = %5",
    },
    Rule {
        name: "common-factor",
        doc: "x * c + y * c -> (x + y) * c for c above 1; of opposite signs likewise",
        apply: common_factor,
        example: "%0 = input [\"x\" other] : f32[3]\n%1 = input [\"y\" other] : f32[3]\n%2 = const [3.0] : f32[]\n%3 = broadcast %2 [at] : f32[3]\n%4 = const [-3.0] : f32[]\n%5 = broadcast %4 [at] : f32[3]\n%6 = mul %0 %3 : f32[3]\n%7 = mul %1 %5 : f32[3]\n%8 = add %6 %7 : f32[3]\noutput \"y\" = %8",
    },
    Rule {
        name: "factor-out",
        doc: "x * z + y * z -> (x + y) * z",
        apply: factor_out,
        example: "%0 = input [\"x\" other] : f32[3]\n%1 = input [\"y\" other] : f32[3]\n%2 = input [\"z\" other] : f32[3]\n%3 = mul %0 %2 : f32[3]\n%4 = mul %1 %2 : f32[3]\n%5 = sub %3 %4 : f32[3]\noutput \"y\" = %5",
    },
];

/// The two operands, if the node on offer is this op on reals.
fn operands(site: &Site, op: crate::graph::Op) -> Option<(NodeId, NodeId)> {
    (site.node.op == op && site.node.ty.dtype == DType::F32)
        .then(|| (site.node.args[0], site.node.args[1]))
}

/// A factor and the literal it is multiplied with.
fn scaled(g: &Graph, id: NodeId) -> Option<(NodeId, f64)> {
    let (x, c) = pair(g, id, &MUL)?;
    Some((x, g.literal(c)?))
}

fn order(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let node = site.node;
    if node.op != &ADD && node.op != &MUL {
        return None;
    }
    let key = |id: NodeId| (g.literal(id).is_some(), id);
    let (x, y) = (node.args[0], node.args[1]);
    (key(x) > key(y)).then(|| g.push(node.op, vec![y, x], Attrs::None))
}

fn neutral(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let neutral = match site.node.op.name {
        is::ADD | is::SUB => 0.0,
        is::MUL | is::DIV | is::POW => 1.0,
        _ => return None,
    };
    (g.literal(site.node.args[1])? == neutral).then(|| site.node.args[0])
}

fn twice_negative(g: &mut Graph, site: &Site) -> Option<NodeId> {
    if site.node.op != &NEG || site.node.ty.dtype != DType::F32 {
        return None;
    }
    let x = site.node.args[0];
    if let Some(inner) = of(g, x, &NEG) {
        return Some(inner);
    }
    if let Some((a, b)) = pair(g, x, &SUB).filter(|_| site.single(x)) {
        return Some(g.sub(b, a));
    }
    let (factor, c) = scaled(g, x).filter(|_| site.single(x))?;
    Some(g.scale(factor, -c))
}

fn subtract_literal(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let (x, y) = operands(site, &SUB)?;
    g.literal(y).map(|c| g.add_const(x, -c))
}

fn factor_negative(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let op = site.node.op;
    if (op != &MUL && op != &DIV) || site.node.ty.dtype != DType::F32 {
        return None;
    }
    let (x, y) = (site.node.args[0], site.node.args[1]);
    let positive = |id| of(g, id, &NEG);
    match (positive(x), positive(y)) {
        (Some(x), Some(y)) => Some(g.push(op, vec![x, y], Attrs::None)),
        (None, None) => None,
        (a, b) => {
            let product = g.push(op, vec![a.unwrap_or(x), b.unwrap_or(y)], Attrs::None);
            Some(g.neg(product))
        }
    }
}

fn add_same(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let (x, y) = operands(site, &ADD)?;
    let split = |id| scaled(g, id).filter(|_| site.single(id)).unwrap_or((id, 1.0));
    let ((a, c), (b, d)) = (split(x), split(y));
    (a == b && g.literal(a).is_none() && is_normal(c + d)).then(|| g.scale(a, c + d))
}

/// Literals move outwards together; a difference of equal multiples needs one product.
fn common_factor(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let sum = operands(site, &ADD);
    let (x, y) = sum.or_else(|| operands(site, &SUB))?;
    let ((a, c), (b, d)) = (scaled(g, x)?, scaled(g, y)?);
    if c.abs() != d.abs() || !is_moderate(c) || c.abs() < 1.0 || !site.single(x) || !site.single(y)
    {
        return None;
    }
    let added = sum.is_some() == (c == d);
    let inner = if added { g.add(a, b) } else { g.sub(a, b) };
    Some(g.scale(inner, c))
}

fn factor_out(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let op = site.node.op;
    let (x, y) = operands(site, &ADD).or_else(|| operands(site, &SUB))?;
    if !site.single(x) || !site.single(y) {
        return None;
    }
    let ((a, b), (c, d)) = (pair(g, x, &MUL)?, pair(g, y, &MUL)?);
    let (left, right, factor) = if a == c {
        (b, d, a)
    } else if a == d {
        (b, c, a)
    } else if b == c {
        (a, d, b)
    } else if b == d {
        (a, c, b)
    } else {
        return None;
    };
    if g.literal(factor).is_some_and(|c| !is_moderate(c) || c.abs() < 1.0) {
        return None;
    }
    let sum = g.push(op, vec![left, right], Attrs::None);
    Some(g.mul(sum, factor))
}

fn divide_literal(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let (x, y) = operands(site, &DIV)?;
    let c = g.literal(y)?;
    let exact = (c as f32).to_bits() & 0x007f_ffff == 0;
    (exact && is_normal(c) && is_normal(1.0 / c)).then(|| g.scale(x, 1.0 / c))
}

/// A sum of literals up to this is added at once.
const MOST_SUM: f64 = 1e6;

fn merge_literals(g: &mut Graph, site: &Site) -> Option<NodeId> {
    if let Some((x, y)) = operands(site, &MUL) {
        let (d, (inner, c)) = (g.literal(y)?, scaled(g, x)?);
        return is_normal(c * d).then(|| g.scale(inner, c * d));
    }
    let (x, y) = operands(site, &ADD)?;
    let (d, (inner, c)) = (g.literal(y)?, pair(g, x, &ADD)?);
    let c = g.literal(c)?;
    // Of opposite signs, the first may be there to round or to fit what comes before the second.
    let alike = (c < 0.0) == (d < 0.0) && (c + d).abs() <= MOST_SUM;
    alike.then(|| g.add_const(inner, c + d))
}

fn literal_outwards(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let (x, y) = operands(site, &MUL)?;
    if g.literal(y).is_some() || x == y {
        return None;
    }
    let found = |id| scaled(g, id).filter(|(_, c)| is_moderate(*c) && site.single(id));
    let ((inner, c), other) = match (found(x), found(y)) {
        (Some(left), _) => (left, y),
        (None, right) => (right?, x),
    };
    let product = g.mul(inner, other);
    Some(g.scale(product, c))
}

fn truth(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let decides = match site.node.op {
        op if op == &OR => 1.0,
        op if op == &AND => 0.0,
        _ => return None,
    };
    let (a, b) = (site.node.args[0], site.node.args[1]);
    let (literal, other) = if g.literal(b).is_some() { (b, a) } else { (a, b) };
    g.literal(literal).map(|c| if c == decides { literal } else { other })
}

fn select_same(g: &mut Graph, site: &Site) -> Option<NodeId> {
    if site.node.op != &SELECT {
        return None;
    }
    let [condition, a, b] = site.node.args[..] else { return None };
    if a == b {
        return Some(a);
    }
    g.literal(condition).map(|c| if c != 0.0 { a } else { b })
}

/// The derivative of `max` masks an adjoint that is multiplied on; the mask then comes last, where
/// the kernel writes.
fn select_product(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let (x, y) = operands(site, &MUL)?;
    let masked = |id: NodeId| {
        let node = is(g, id, &SELECT).filter(|_| site.single(id))?;
        is_real(g, node.args[2], 0.0).then(|| (node.args.clone(), node.args[2]))
    };
    let ((args, zero), other) = match (masked(x), masked(y)) {
        (Some(left), None) => (left, y),
        (None, Some(right)) => (right, x),
        _ => return None,
    };
    let product = g.mul(args[1], other);
    Some(g.select(args[0], product, zero))
}

fn cast_cast(g: &mut Graph, site: &Site) -> Option<NodeId> {
    if site.node.op != &CAST {
        return None;
    }
    let inner = of(g, site.node.args[0], &CAST)?;
    let widened = g.ty(site.node.args[0]).dtype == DType::F32;
    (widened && g.ty(inner).dtype == site.node.ty.dtype && site.node.ty.dtype != DType::F32)
        .then_some(inner)
}
