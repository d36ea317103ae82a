//! Plans of small graphs.

use super::{Work, plan};
use crate::graph::{Graph, InputRole, Ty};

#[test]
fn a_dense_layer_is_one_kernel() {
    let mut g = Graph::new();
    let x = g.input("x", InputRole::Data, Ty::f32([8, 4]));
    let w = g.input("w", InputRole::Param, Ty::f32([3, 4]));
    let b = g.input("b", InputRole::Param, Ty::f32([3]));
    let y = g.contract(x, w, "bi,oi->bo");
    let wide = g.broadcast(b, &[8, 3], &[1]);
    let y = g.add(y, wide);
    let y = g.tanh(y);
    g.output("y", y);
    let plan = plan(&g);
    assert_eq!(plan.kernels.len(), 1, "{plan}");
    assert_eq!(plan.bill.flops, 2 * 8 * 4 * 3);
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<super::Plan>(&text).unwrap(), plan);
}

/// A product over one term, as the gradient by a critic's input is one, folds nothing.
#[test]
fn dims_of_one_are_not_folded() {
    let mut g = Graph::new();
    let x = g.input("x", InputRole::Data, Ty::f32([128, 1]));
    let w = g.input("w", InputRole::Param, Ty::f32([256, 1]));
    let y = g.contract(x, w, "bi,oi->bo");
    let z = g.tanh(y);
    g.output("z", z);
    let plan = plan(&g);
    let folds = |work: &Work| matches!(work, Work::Loop(body) if !body.folds.is_empty());
    assert!(plan.kernels.iter().all(|kernel| !folds(&kernel.work)), "{plan}");
    assert_eq!(plan.kernels.len(), 1, "{plan}");
}
