//! Numbers that are not finite. In: slots, figures, the first operation that gave one and its step.
//! Out: what to say, with a hint that fits.

use crate::backend::{Data, Tensor};
use crate::graph::op;
use crate::translate::program::Slot;

/// What to try. `op` is the operation that gave the first bad value, `updates` how many updates were
/// made before it was seen, `late` whether the loss of that step was a number still, so that its gradient
/// or its update is not.
pub fn hint(op: Option<&str>, updates: usize, late: bool) -> String {
    let words = || op.unwrap_or("").split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let known = words().filter_map(op::find).map(|op| op.hint).find(|hint| !hint.is_empty());
    let slower = "try a smaller learning rate, or clip the gradient: `adam(lr = ..., clip = 1)`";
    match (known, updates) {
        (Some(hint), 0) if late => format!("{hint}; it is in the first update"),
        (Some(hint), 0) => format!("{hint}; no update has been made yet"),
        (Some(hint), _) => format!("{hint}; or {slower}"),
        (None, 0) if late => {
            "the first update gives it: look at the learning rate and at the scale \
                              of the data and of the initial weights"
                .into()
        }
        (None, 0) => "no update has been made yet: look at the scale of the data and of the \
                      initial weights"
            .into(),
        (None, _) => slower.into(),
    }
}

/// The first weight that is not finite, state that is no number, or state of a phase's optimizers that
/// has become infinite: every update from it is 0. `before` are the slots as they were.
pub fn bad_slot<'s>(
    slots: &'s [(Slot, Tensor)],
    phase: &str,
    before: &[(Slot, Tensor)],
) -> Option<(&'s Slot, f64)> {
    let optimizer = |slot: &Slot| {
        slot.path.strip_prefix(phase).is_some_and(|rest| rest.starts_with('.'))
            && before.iter().all(|(old, value)| old.path != slot.path || is_finite(value))
    };
    slots.iter().find_map(|(slot, value)| {
        let finite = slot.is_param || optimizer(slot);
        let bad = |x: &f64| x.is_nan() || (finite && x.is_infinite());
        let first = match &value.data {
            Data::F32(values) => values.iter().map(|x| f64::from(*x)).find(bad),
            Data::F64(values) => values.iter().copied().find(bad),
            _ => None,
        };
        first.map(|x| (slot, x))
    })
}

/// The first of a step's inputs that holds a number that is not finite.
pub fn bad_input<'i>(inputs: &[(&'i str, Tensor)]) -> Option<&'i str> {
    inputs.iter().find(|(_, value)| !is_finite(value)).map(|(name, _)| *name)
}

fn is_finite(value: &Tensor) -> bool {
    match &value.data {
        Data::F32(values) => values.iter().all(|x| x.is_finite()),
        Data::F64(values) => values.iter().all(|x| x.is_finite()),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_fits_the_operation_and_the_step() {
        let (first, later) =
            (hint(Some("%29 = div %26 %17 : f32[2]"), 0, false), hint(Some("matmul"), 7, false));
        assert!(first.contains("divisor") && !first.contains("learning rate"));
        assert!(later.contains("learning rate"));
        assert!(hint(Some("log f32[3]; sum f32[]"), 3, true).contains("log_softmax"));
        assert!(!hint(None, 0, false).contains("learning rate"));
        assert!(hint(None, 0, true).contains("learning rate"));
    }

    #[test]
    fn a_weight_may_not_be_infinite_and_no_slot_is_nan() {
        let slot = |path: &str, is_param| Slot {
            path: path.into(),
            ty: crate::graph::Ty::f32([2]),
            is_param,
            is_moment: false,
            support: crate::model::ir::Support::Real,
        };
        let value = |x: f32| Tensor::f32([2], vec![1.0, x]);
        let (weight, state, moment) =
            (slot("w", true), slot("best", false), slot("fit.adam.w.v", false));
        let (inf, nan) = (f32::INFINITY, f32::NAN);
        let bad = |slot: &Slot, x: f32, before: f32| {
            let before = [(slot.clone(), value(before))];
            bad_slot(&[(slot.clone(), value(x))], "fit", &before).is_some()
        };
        assert!(!bad(&weight, 2.0, 1.0) && !bad(&state, inf, 1.0) && !bad(&moment, inf, inf));
        assert!(bad(&weight, inf, 1.0) && bad(&state, nan, 1.0) && bad(&moment, inf, 1.0));
    }
}
