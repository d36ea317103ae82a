//! How much a kernel does. In: a kernel. Out: operations, counted roughly.

use super::product_shape;
use super::sort::BLOCK;
use crate::plan::{Index, Loop, Work};

/// Operations of one run of a kernel; of one iteration, if it is a loop over time.
pub fn operations(work: &Work) -> u64 {
    let product = || product_shape(work).map_or(0, |shape| 2 * count(&shape));
    match work {
        Work::Loop(body) => points(body),
        Work::Gemm(gemm) => product() + gemm.epilogue.as_ref().map_or(0, points),
        Work::Conv(conv) => {
            let lists = [&conv.output[..], &conv.size, &[conv.n, conv.c]].concat();
            product().max(2 * count(&lists))
        }
        Work::Index(index) => indexed(index),
        Work::Scan(_) => 0,
    }
}

fn count(extents: &[usize]) -> u64 {
    extents.iter().fold(1, |n, extent| n.saturating_mul(*extent as u64))
}

fn points(body: &Loop) -> u64 {
    let each = body.loads.len() + body.code.len() + body.stores.len() + body.folds.len();
    count(&body.shape).saturating_mul(each as u64)
}

fn indexed(index: &Index) -> u64 {
    match *index {
        Index::Gather { count: n, width, .. } => count(&[n, width]),
        Index::ScatterAdd { rows, count: n, width, .. } => {
            let few = count(&[rows, width, n]);
            few.min(sorting(n) + count(&[rows, width, 64]) + count(&[2, n, width]))
        }
        Index::PutRows { rows, count: n, width, .. } => count(&[n, width]) + count(&[rows, width]),
        Index::Firsts { count: n, .. } => sorting(n),
        Index::TakeAlong { outer, picks, inner, .. } => count(&[outer, picks, inner]),
        Index::PutAlong { outer, extent, picks, inner, .. } => {
            count(&[2, outer, extent, picks, inner])
        }
        Index::CumSum { outer, extent, inner, .. } | Index::ArgMax { outer, extent, inner, .. } => {
            count(&[4, outer, extent, inner])
        }
        Index::ArgSort { outer, extent, inner, .. } => {
            count(&[outer, inner]).saturating_mul(sorting(extent))
        }
    }
}

/// Ranks in blocks, and a search in each merge.
fn sorting(n: usize) -> u64 {
    let log = n.max(1).ilog2() as usize + 1;
    count(&[4, n, n.min(BLOCK)]) + count(&[8, n, log, log.saturating_sub(8)])
}
