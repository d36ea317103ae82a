//! `rlc data`: the sources, or what one of them holds.

use crate::base::{Diagnostic, codes};
use crate::cli::args::DataArgs;
use crate::cli::output::{Output, Stop};
use crate::runtime::data::open::Root;
use crate::runtime::data::options::{OPTIONS, Options};
use crate::runtime::data::{RawColumn, Table, select, source};
use serde_json::json;

/// Lists sources or describes one.
pub fn run(args: &DataArgs, out: &mut Output) -> Result<(), Stop> {
    match &args.source {
        None => list(out),
        Some(text) => describe(text, out)?,
    }
    Ok(())
}

fn list(out: &mut Output) {
    let mut text = String::new();
    for row in source::SOURCES {
        let what = row.what.split_whitespace().collect::<Vec<_>>().join(" ");
        if out.json {
            text.push_str(&format!(
                "{}\n",
                json!({
                    "name": row.name, "usage": row.usage, "what": what, "columns": row.columns,
                })
            ));
        } else {
            text.push_str(&format!("{}\n    {what}\n    columns: {}\n", row.usage, row.columns));
        }
    }
    if !out.json {
        text.push_str("\noptions of every source:\n");
        for row in OPTIONS {
            text.push_str(&format!("    {:9} {}\n", row.name, row.what));
        }
    }
    out.data(&text);
}

fn describe(text: &str, out: &mut Output) -> Result<(), Stop> {
    let call = out.check(source::parse(text))?;
    let root = Root { folder: ".".into(), may_leave: true };
    let (mut table, options) = out.check(source::load(&call, &root))?;
    let rows = table.columns.first().map_or(0, |column| column.values.rows());
    let own = std::mem::take(&mut table.splits);
    table.splits = out.check(select::splits(rows, own, &options, || classes(&table, &options)))?;
    let answer = if out.json { as_json(&table) } else { as_text(&table) };
    out.data(&answer);
    Ok(())
}

/// The class of every row: the column that `label` names, or the only one that can be it.
fn classes(table: &Table, options: &Options) -> Result<Vec<i32>, Diagnostic> {
    let is_class = |column: &&RawColumn| {
        let whole = || column.values.elements.iter().all(|x| x.fract() == 0.0 && x >= 0.0);
        column.values.width() == 1 && column.grey.is_none() && whole()
    };
    let named = |column: &&RawColumn| options.label.as_ref().is_none_or(|l| *l == column.name);
    let mut found = table.columns.iter().filter(is_class).filter(named);
    match (found.next(), found.next()) {
        (Some(column), None) => Ok(column.values.elements.iter().map(|x| x as i32).collect()),
        _ => Err(Diagnostic::new(codes::RL2074, "no column or several hold the class of a row")
            .help("name it: `label=COLUMN`")),
    }
}

/// Name, shape of a row, lowest and highest value.
fn summary(column: &RawColumn) -> (String, Vec<usize>, f64, f64) {
    let shape = column.values.shape.get(1..).unwrap_or_default().to_vec();
    let values = || column.values.elements.iter();
    (
        column.name.clone(),
        shape,
        values().fold(f64::INFINITY, f64::min),
        values().fold(f64::NEG_INFINITY, f64::max),
    )
}

fn as_text(table: &Table) -> String {
    let rows = table.columns.first().map_or(0, |c| c.values.rows());
    let mut text = format!("{rows} rows\n");
    for (name, shape, low, high) in table.columns.iter().map(summary) {
        let (low, high) = (low as f32, high as f32);
        text.push_str(&format!("field {name} {shape:?} in {low}..{high}\n"));
    }
    for (name, rows) in &table.splits {
        text.push_str(&format!("split {name} {} rows\n", rows.len()));
    }
    text
}

fn as_json(table: &Table) -> String {
    let fields: Vec<_> = table.columns.iter().map(summary).collect();
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, shape, low, high)| {
            json!({ "name": name, "shape": shape, "low": low, "high": high })
        })
        .collect();
    let splits: Vec<_> =
        table.splits.iter().map(|(n, rows)| json!({ "name": n, "rows": rows.len() })).collect();
    let rows = table.columns.first().map_or(0, |c| c.values.rows());
    format!("{}\n", json!({ "rows": rows, "fields": fields, "splits": splits }))
}
