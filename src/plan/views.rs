//! Small translations of the planner: views to index maps, counts and literals to loads. In: attributes.
//! Out: what loops are made of.

use super::Load;
use super::cluster::{Affine, Map};
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
