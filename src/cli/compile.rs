//! The compiler on one page. In: the files of a model and its settings. Out: every stage.

use super::output::{Output, Stop};
use super::sources::Trees;
use crate::model::{self, Given, Settings, ir};
use crate::objective::{self, Derived};
use crate::runtime::config::Setting;

/// Syntax trees to the typed model.
pub fn model(trees: &mut Trees, set: &[Setting], out: &mut Output) -> Result<ir::Model, Stop> {
    let mut settings = Settings::default();
    for setting in set {
        let origin = match setting.span {
            Some(span) => out.sources.file(span.file).name.clone(),
            None => "--set".into(),
        };
        settings.set(&setting.name, Given::Value(setting.value.clone()), &origin);
    }
    model::add_prelude(&mut trees.files, &mut out.sources);
    let (model, found) = model::elaborate(trees.entry, &trees.files, &out.sources, &settings);
    out.take(found)?;
    Ok(model)
}

/// The typed model to pure objectives.
pub fn objective(model: ir::Model, out: &mut Output) -> Result<Derived, Stop> {
    let (derived, found) = objective::derive(model);
    out.take(found)?;
    Ok(derived)
}
