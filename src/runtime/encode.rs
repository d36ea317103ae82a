//! The representation of a split. In: a session and encoders. Out: arrays, one per code and one per
//! data field that is not encoded itself, in the order of the split.

use super::data::batches::{Batch, gather};
use super::data::raw::Elements;
use super::data::rows::Rows;
use super::data::{Dataset, Values};
use super::eval::{no_mixed_rest, sweep};
use super::job::PhaseSpec;
use super::sample::{elements, head};
use super::session::Session;
use crate::base::{Diagnostic, codes};
use crate::graph::Named;

/// Named arrays as npz holds them.
pub type Arrays = Vec<(String, Vec<usize>, Elements)>;

/// Codes of a split, and its labels.
pub fn encode<'a>(
    session: &mut Session<'a>,
    encoders: &[&'a PhaseSpec],
    split: &str,
) -> Result<Arrays, Diagnostic> {
    let mut arrays = Arrays::new();
    let (mut done, mut labels) = (Vec::new(), Vec::new());
    for phase in encoders {
        let Some(feed) = phase.feeds.iter().find(|feed| feed.all.is_none()) else { continue };
        let Some(data) = session.data.get(&feed.data) else { continue };
        let rows = session.rows(data, split)?;
        let codes = phase.outputs.iter().filter_map(|name| Named::code(name));
        let mut found: Arrays =
            codes.map(|name| (name.to_string(), Vec::new(), Elements::F32(Vec::new()))).collect();
        sweep(session, phase, rows, |session, ran| {
            no_mixed_rest(&ran)?;
            for (name, shape, values) in &mut found {
                let output = session.output(ran.phase.plan, &Named::Code(name).to_string());
                let code = head(output, ran.phase.batch, ran.real);
                let new = [&[rows.len()], code.shape.get(1..).unwrap_or_default()].concat();
                if !shape.is_empty() && *shape != new {
                    return Err(uneven(name));
                }
                *shape = new;
                let old = std::mem::replace(values, Elements::F32(Vec::new()));
                *values = old.append(elements(&code));
            }
            Ok(())
        })?;
        arrays.extend(found);
        if !done.contains(&&data.name) {
            done.push(&data.name);
            labels.extend(fields(data, rows).map(|field| (data.name.as_str(), field)));
        }
    }
    // A name that another array has gets that of its data set before it.
    let names: Vec<String> = labels.iter().map(|(_, (name, ..))| name.clone()).collect();
    for (data, (name, shape, values)) in labels {
        let taken = arrays.iter().any(|(known, ..)| *known == name);
        let alone = names.iter().filter(|known| **known == name).count() == 1;
        let name = if alone && !taken { name } else { format!("{data}.{name}") };
        arrays.push((name, shape, values));
    }
    Ok(arrays)
}

/// A code of as many values as there are rows at hand, and pieces of a split that differ.
fn uneven(name: &str) -> Diagnostic {
    let text = format!("`{name}` has more values per row in a batch of more rows");
    Diagnostic::new(codes::RL0120, text)
        .help("give each row values of its own: without `batch(...)`, or a mean of it")
}

/// The fields of whole numbers, for some rows.
fn fields<'d>(
    data: &'d Dataset,
    rows: &'d Rows,
) -> impl Iterator<Item = (String, Vec<usize>, Elements)> + 'd {
    data.columns.iter().filter_map(|column| {
        if !matches!(column.values, Values::I32(_) | Values::Made(_)) {
            return None;
        }
        let Batch::I32(picked) = gather(column, &rows.some(0..rows.len()), 0, 0) else {
            return None;
        };
        let shape = [&[rows.len()], &column.shape[..]].concat();
        Some((column.name.clone(), shape, Elements::I32(picked)))
    })
}
