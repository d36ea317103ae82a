//! Small translations of the planner: ops to register codes, views to index maps, literals to bits.
//! In: rows of the op table and attributes. Out: what loops are made of.

use super::cluster::{Affine, Map};
use super::{Code, How, Load};
use crate::graph::{Attrs, DType, Graph, NodeId};

/// The points of one term of a reduction, under the index space of its results.
pub fn term_map(extents: &[usize], folded: &[bool], mut term: usize, rank: usize) -> Map {
    let mut map = Map::new();
    let mut kept = rank;
    for (n, fold) in extents.iter().zip(folded).rev() {
        let mut steps = vec![0; rank];
        let start = if *fold { term % n } else { 0 };
        if *fold {
            term /= n;
        } else {
            kept -= 1;
            steps[kept] = 1;
        }
        map.push(Affine { start: start as isize, steps });
    }
    map.reverse();
    map
}

/// The operation that joins two terms.
pub fn join(how: How, integer: bool) -> Code {
    match (how, integer) {
        (How::Sum, false) => Code::Add,
        (How::Max, false) => Code::Max,
        (How::Min, false) => Code::Min,
        (How::Prod, false) => Code::Mul,
        (How::Sum, true) => Code::IAdd,
        (How::Max, true) => Code::IMax,
        (How::Min, true) => Code::IMin,
        (How::Prod, true) => Code::IMul,
    }
}

pub fn fold_strides(space: &[usize], folded: &[bool]) -> Vec<isize> {
    let mut step = 1;
    let mut out = vec![0; space.len()];
    for d in (0..space.len()).rev().filter(|d| !folded[*d]) {
        out[d] = step;
        step *= space[d] as isize;
    }
    out
}

pub fn count(place: &Affine) -> Load {
    Load::Count { offset: place.start, strides: place.steps.clone() }
}

pub fn bits(value: f64, dtype: DType) -> u32 {
    match dtype {
        DType::F32 => (value as f32).to_bits(),
        DType::I32 => value as i32 as u32,
        DType::Bool => f32::from(value != 0.0).to_bits(),
    }
}

/// The map of a view's operand, given the map of the view.
pub fn through(g: &Graph, id: NodeId, map: Map) -> Map {
    let node = g.node(id);
    match &node.attrs {
        Attrs::Perm(perm) => {
            let mut out = map.clone();
            perm.iter().zip(map).for_each(|(p, dim)| out[*p] = dim);
            out
        }
        Attrs::Broadcast { dims, .. } => dims.iter().map(|d| map[*d].clone()).collect(),
        Attrs::Slice(cuts) => {
            let cut = |((start, _, stride), dim): (&(usize, usize, usize), Affine)| Affine {
                start: *start as isize + *stride as isize * dim.start,
                steps: dim.steps.iter().map(|s| s * *stride as isize).collect(),
            };
            cuts.iter().zip(map).map(cut).collect()
        }
        Attrs::Axes(axes) => {
            let flip = |(d, dim): (usize, Affine)| {
                if !axes.contains(&d) {
                    return dim;
                }
                let last = node.ty.shape[d] as isize - 1;
                Affine { start: last - dim.start, steps: dim.steps.iter().map(|s| -s).collect() }
            };
            map.into_iter().enumerate().map(flip).collect()
        }
        attrs => unreachable!("view with {attrs:?}"),
    }
}

/// The operation on registers; `None` if there is nothing to do.
pub fn code(name: &str, from: DType, to: DType) -> Option<Code> {
    let integer = from == DType::I32;
    let pick = |real, int| if integer { int } else { real };
    Some(match name {
        "neg" => pick(Code::Neg, Code::INeg),
        "abs" => pick(Code::Abs, Code::IAbs),
        "sign" => pick(Code::Sign, Code::ISign),
        "floor" => Code::Floor,
        "exp" => Code::Exp,
        "log" => Code::Log,
        "log1p" => Code::Log1p,
        "expm1" => Code::Expm1,
        "sqrt" => Code::Sqrt,
        "sin" => Code::Sin,
        "cos" => Code::Cos,
        "tanh" => Code::Tanh,
        "sigmoid" => Code::Sigmoid,
        "softplus" => Code::Softplus,
        "erf" => Code::Erf,
        "lgamma" => Code::Lgamma,
        "digamma" => Code::Digamma,
        "not" => Code::Not,
        "add" => pick(Code::Add, Code::IAdd),
        "sub" => pick(Code::Sub, Code::ISub),
        "mul" => pick(Code::Mul, Code::IMul),
        "div" => pick(Code::Div, Code::IDiv),
        "pow" => Code::Pow,
        "max" => pick(Code::Max, Code::IMax),
        "min" => pick(Code::Min, Code::IMin),
        "eq" => pick(Code::Eq, Code::IEq),
        "ne" => pick(Code::Ne, Code::INe),
        "lt" => pick(Code::Lt, Code::ILt),
        "le" => pick(Code::Le, Code::ILe),
        "gt" => pick(Code::Gt, Code::IGt),
        "ge" => pick(Code::Ge, Code::IGe),
        "and" => Code::And,
        "or" => Code::Or,
        "select" => Code::Select,
        "cast" => return cast(from, to),
        name => unreachable!("map {name}"),
    })
}

pub fn cast(from: DType, to: DType) -> Option<Code> {
    match (from, to) {
        (DType::I32, DType::F32) => Some(Code::Float),
        (DType::I32, DType::Bool) => Some(Code::ITruth),
        (DType::F32, DType::Bool) => Some(Code::Truth),
        (DType::F32 | DType::Bool, DType::I32) => Some(Code::Trunc),
        _ => None,
    }
}
