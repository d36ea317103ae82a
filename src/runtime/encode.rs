//! The representation of a split. In: a session and encoders. Out: arrays, one per code and one per
//! data field that is not encoded itself, in the order of the split.

use super::data::Values;
use super::data::raw::Elements;
use super::eval::sweep;
use super::job::PhaseSpec;
use super::sample::{elements, head};
use super::session::Session;
use crate::base::Diagnostic;

/// Named arrays as npz holds them.
pub type Arrays = Vec<(String, Vec<usize>, Elements)>;

/// Codes of a split, and its labels.
pub fn encode<'a>(
    session: &mut Session<'a>,
    encoders: &[&'a PhaseSpec],
    split: &str,
) -> Result<Arrays, Diagnostic> {
    let mut arrays = Arrays::new();
    for phase in encoders {
        let Some(feed) = phase.feeds.iter().find(|feed| feed.all.is_none()) else { continue };
        let Some(data) = session.data.get(&feed.data) else { continue };
        let rows = session.rows(data, split)?;
        let codes = phase.outputs.iter().filter_map(|name| name.strip_prefix("code:"));
        let mut found: Arrays =
            codes.map(|name| (name.to_string(), Vec::new(), Elements::F32(Vec::new()))).collect();
        sweep(session, phase, rows, |session, ran| {
            for (name, shape, values) in &mut found {
                let output = session.output(ran.phase.plan, &format!("code:{name}"));
                let code = head(output, ran.phase.batch, ran.real);
                *shape = [&[rows.len()], code.shape.get(1..).unwrap_or_default()].concat();
                let old = std::mem::replace(values, Elements::F32(Vec::new()));
                *values = old.append(elements(&code));
            }
            Ok(())
        })?;
        arrays.extend(found);
        for column in &data.columns {
            let known = arrays.iter().any(|(name, ..)| *name == column.name);
            if let (Values::I32(values), false) = (&column.values, known) {
                let width = column.width();
                let pick = |row: &u32| values.iter().skip(*row as usize * width).take(width);
                let picked = rows.iter().flat_map(pick).copied().collect();
                let shape = [&[rows.len()], &column.shape[..]].concat();
                arrays.push((column.name.clone(), shape, Elements::I32(picked)));
            }
        }
    }
    Ok(arrays)
}
