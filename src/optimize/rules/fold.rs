//! Rules that compute what is known: maps of literals, views of literals.

use super::Rule;
use crate::graph::op::{Meaning, Value, map as ops};
use crate::graph::{Attrs, DType, Graph, Kind, NodeId};
use crate::optimize::sweep::Site;
use ndarray::IxDyn;

/// All rules of this file.
pub const RULES: &[Rule] = &[
    Rule {
        name: "fold-map",
        doc: "map of literals -> literal",
        apply: map,
        example: "%0 = const [2.0] : f32[]\n%1 = broadcast %0 [at] : f32[3]\n%2 = sqrt %1 : f32[3]\noutput \"y\" = %2",
    },
    Rule {
        name: "fold-view",
        doc: "view of equal literals -> literal",
        apply: view,
        example: "%0 = const [2.0] : f32[]\n%1 = broadcast %0 [at] : f32[3,4]\n%2 = slice %1 [cut 0:2:1 0:4:3] : f32[2,2]\noutput \"y\" = %2",
    },
];

fn map(g: &mut Graph, site: &Site) -> Option<NodeId> {
    if site.node.op.kind != Kind::Map {
        return None;
    }
    let known: Option<Vec<f64>> = site.node.args.iter().map(|a| g.literal(*a)).collect();
    let known: Vec<Value> = known?.into_iter().map(|x| Value::from_elem(IxDyn(&[]), x)).collect();
    let args: Vec<&Value> = known.iter().collect();
    let scalar = IxDyn(&[]);
    let value = match site.node.op.meaning {
        Meaning::Map1(f) => f(args[0][&scalar]),
        Meaning::Map2(_) if site.node.op == &ops::MUL => {
            ops::product(args[0][&scalar], args[1][&scalar])
        }
        Meaning::Map2(f) => f(args[0][&scalar], args[1][&scalar]),
        Meaning::Whole(f) => f(&args, &site.node.attrs, &site.node.ty)[&scalar],
        Meaning::Interpreter => return None,
    };
    // Integers wrap at run time and truth values are 0 and 1: both are exact here.
    let exact = site.node.ty.dtype != DType::I32 || value.abs() < f64::from(i32::MAX);
    exact.then(|| g.full(value, &site.node.ty))
}

fn view(g: &mut Graph, site: &Site) -> Option<NodeId> {
    let moves = matches!(
        site.node.attrs,
        Attrs::Perm(_) | Attrs::Slice(_) | Attrs::Shape(_) | Attrs::Axes(_) | Attrs::Axis(_)
    );
    if site.node.op.kind != Kind::View || !moves {
        return None;
    }
    let value = g.literal(*site.node.args.first()?)?;
    let equal = |a: &NodeId| g.literal(*a).is_some_and(|x| x.to_bits() == value.to_bits());
    site.node.args.iter().all(equal).then(|| g.full(value, &site.node.ty))
}
