//! Stopping a train phase by a figure of a validation split. In: a run between two steps. Out:
//! whether the figure has stalled; in the end the weights of the best look.
//!
//! A look is taken after each pass over the data. It uses the same noise every time, so that two
//! looks differ by the weights only. The best slots are part of a checkpoint, under the paths that
//! [`together`] gives them, so that a resumed run stops at the same step with the same weights.

use super::checkpoint::Best;
use super::eval;
use super::run::Run;
use super::train::Train;
use crate::backend::Tensor;
use crate::base::Diagnostic;
use crate::translate::program::Slot;
use serde_json::json;

/// Opens the paths of the best slots; a path of the model has no slash.
const BEST: &str = "best/";

/// Slots and their values.
type Slots = Vec<(Slot, Tensor)>;

/// The slots of a checkpoint: those of the run, and the best ones.
pub fn together(mut slots: Slots, best: &[(Slot, Tensor)]) -> Slots {
    slots.extend(best.iter().map(|(slot, value)| {
        let path = format!("{BEST}{}", slot.path);
        (Slot { path, is_param: false, ..slot.clone() }, value.clone())
    }));
    slots
}

/// Takes apart what [`together`] joined. The run knows which slots are weights.
pub fn apart(slots: Slots) -> (Slots, Slots) {
    let (mut own, mut best) = (Vec::new(), Vec::new());
    for (slot, value) in slots {
        match slot.path.strip_prefix(BEST) {
            Some(path) => best.push((Slot { path: path.into(), ..slot }, value)),
            None => own.push((slot, value)),
        }
    }
    (own, best)
}

impl<'a> Run<'a, '_> {
    /// Looks at the figure, if the phase has one, and says whether it has stalled.
    pub(super) fn stalled(&mut self, train: &Train<'a>) -> Result<bool, Diagnostic> {
        let Some((patience, watch)) = self.session.job.watch(train.phase) else {
            return Ok(false);
        };
        let figures = eval::eval(&mut self.session, watch, |_, _| {})?;
        let value = figures.first().map_or(f64::NAN, |figure| figure.value);
        let line = json!({
            "phase": train.phase.name, "step": train.done, "epoch": train.epoch(), "until": value,
        });
        self.folder.metric(&line.to_string())?;
        let better = |best: Best| value < f64::from_bits(best.value);
        // A value that is not a number is never better.
        if !value.is_nan() && self.progress.best.is_none_or(better) {
            self.best = self.session.read_slots();
            self.progress.best = Some(Best { value: value.to_bits(), step: train.done, stale: 0 });
            return Ok(false);
        }
        let Some(best) = &mut self.progress.best else { return Ok(false) };
        best.stale += 1;
        Ok(best.stale >= patience)
    }

    /// Goes back to the weights of the best look.
    pub(super) fn keep_best(&mut self, train: &Train<'a>) {
        let Some(best) = self.progress.best else { return };
        let slots = std::mem::take(&mut self.best);
        self.session.write_slots(&slots);
        let (name, value) = (&train.phase.name, f64::from_bits(best.value));
        self.talk.note(&format!(
            "{name}: stopped after step {}, kept step {} with {value:.4}",
            train.done, best.step
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Ty;

    #[test]
    fn best_slots_travel_with_the_others() {
        let slot = |path: &str| Slot {
            path: path.into(),
            ty: Ty::f32([1]),
            is_param: true,
            is_moment: false,
            support: crate::model::ir::Support::Real,
        };
        let value = |x: f32| Tensor::f32([1], vec![x]);
        let (own, best) = (vec![(slot("net.W"), value(1.0))], vec![(slot("net.W"), value(2.0))]);
        let (left, right) = apart(together(own.clone(), &best));
        assert_eq!(left, own);
        assert_eq!((&right[0].0.path, &right[0].1), (&best[0].0.path, &best[0].1));
    }
}
