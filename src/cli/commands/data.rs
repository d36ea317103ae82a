//! `rlc data`: the sources, or what one of them holds.

use crate::base::{Diagnostic, Diagnostics, codes};
use crate::cli::args::DataArgs;
use crate::cli::output::{Ended, Output};
use crate::cli::{machine, settings};
use crate::runtime::data::fields::Wanted;
use crate::runtime::data::open::Root;
use crate::runtime::data::options::{OPTIONS, Options};
use crate::runtime::data::raw::Elements;
use crate::runtime::data::source::Loaded;
use crate::runtime::data::{Dataset, RawColumn, Table, select, shown, source};
use crate::runtime::session::{in_order, load_one};
use serde_json::json;
use std::path::Path;

/// Lists sources or describes one, or the data sets of a model.
pub fn run(args: &DataArgs, out: &mut Output) -> Result<(), Ended> {
    match &args.source {
        None => list(out),
        Some(text) if text.ends_with(".rl") || text.ends_with(".rlx") => model(args, text, out)?,
        Some(text) => describe(text, out)?,
    }
    Ok(())
}

/// What a model reads and how its fields come about.
fn model(args: &DataArgs, file: &str, out: &mut Output) -> Result<(), Ended> {
    let mut choice = settings::read(&args.model, out)?;
    let file = Path::new(file);
    let job = machine::open(file, &mut choice, out)?.job;
    out.show();
    let home = file.parent().unwrap_or(Path::new(""));
    let replaced = choice.asked.sources();
    let mut kept = Vec::new();
    for spec in in_order(&job.data, &replaced) {
        let set = out.check(load_one(spec, replaced.get(&spec.name), home, &kept))?;
        kept.extend(set.kept.iter().cloned());
        out.take(Diagnostics { list: set.warnings() })?;
        out.show();
        let answer = if out.json { set_as_json(&set) } else { set_as_text(&set) };
        out.data(&answer);
    }
    Ok(())
}

fn set_as_text(set: &Dataset) -> String {
    let facts = &set.facts;
    let mut text = format!("data {} from {}\n", set.name, set.origin);
    facts.found.iter().for_each(|found| text.push_str(&format!("{found}\n")));
    let dropped = match facts.dropped {
        0 => String::new(),
        n => format!(", {n} left out for a missing value"),
    };
    text.push_str(&format!("{} rows{dropped}\n", set.rows));
    for field in &facts.fields {
        let mut line = format!("field {}: {} from ", field.name, field.declared);
        line.push_str(&match field.columns.as_slice() {
            [one] => format!("column {}", shown(one)),
            [first, .., last] => {
                let n = field.columns.len();
                format!("{n} columns, {} to {}", shown(first), shown(last))
            }
            [] => "nothing".into(),
        });
        if let (Some((low, high)), true) = (field.range, field.words.is_empty()) {
            line.push_str(&format!(", values {}..{}", short(low), short(high)));
        }
        for how in field.how() {
            line.push_str(&format!("; {how}"));
        }
        text.push_str(&format!("{line}\n"));
    }
    let sizes = set.splits.iter().map(|(name, rows)| (name.clone(), rows.len()));
    splits(&mut text, sizes, facts.by_default);
    text
}

fn set_as_json(set: &Dataset) -> String {
    let fields = set.facts.fields.iter().map(|field| {
        json!({
            "name": field.name, "type": field.declared, "columns": field.columns,
            "range": field.range.filter(|_| field.words.is_empty()), "missing": field.missing, "words": field.words,
            "scaled": field.scaled.map(|s| json!({ "from": s.from, "to": s.to })),
            "standardized": field.standardized, "constant": field.constant,
        })
    });
    let fields: Vec<_> = fields.collect();
    let splits: Vec<_> =
        set.splits.iter().map(|(n, rows)| json!({ "name": n, "rows": rows.len() })).collect();
    let object = json!({
        "data": set.name, "from": set.origin, "rows": set.rows, "dropped": set.facts.dropped,
        "found": set.facts.found, "fields": fields, "splits": splits,
        "default_split": set.facts.by_default,
    });
    format!("{object}\n")
}

/// A number in few digits: as f32 shows it, where that is about the same number.
fn short(x: f64) -> String {
    let narrow = f64::from(x as f32);
    let near = (narrow - x).abs() <= x.abs() * 1e-7 && narrow.abs() < f64::from(1 << 24);
    match x.abs() {
        0.0 | 1e-5..1e16 if near && x.fract() != 0.0 => (x as f32).to_string(),
        0.0 | 1e-5..1e16 => x.to_string(),
        _ if near => format!("{:e}", x as f32),
        _ => format!("{x:e}"),
    }
}

fn splits(text: &mut String, splits: impl Iterator<Item = (String, usize)>, by_default: bool) {
    let default = if by_default { " by default" } else { "" };
    for (name, rows) in splits {
        text.push_str(&format!("split {name} {rows} rows{default}\n"));
    }
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
            text.push_str(&format!("    {:11} {}\n", row.name, row.what));
        }
    }
    out.data(&text);
}

fn describe(text: &str, out: &mut Output) -> Result<(), Ended> {
    let call = out.check(source::parse(text))?;
    let root = Root { folder: ".".into(), may_leave: true };
    let (loaded, options) = out.check(source::load(&call, &root, Wanted::default()))?;
    let mut table = match loaded {
        Loaded::Rows(table) => table,
        Loaded::Sampled(sampler) => {
            let told = sampler.told(&call);
            let answer = if out.json { format!("{}\n", told.json) } else { told.text };
            out.data(&answer);
            return Ok(());
        }
    };
    let rows = table.rows();
    let own = std::mem::take(&mut table.splits);
    let by_default = select::by_default(&own, &options);
    table.splits = out.check(select::splits((rows, &table.groups), own, &options, || {
        classes(&table, &options)
    }))?;
    let answer = if out.json { as_json(&table, by_default) } else { as_text(&table, by_default) };
    out.data(&answer);
    Ok(())
}

/// The class of every row: the column that `label` names, or the only one that can be it.
fn classes(table: &Table, options: &Options) -> Result<Vec<i32>, Diagnostic> {
    let is_class = |column: &&RawColumn| {
        let whole = || column.values.elements.iter().all(|x| x.fract() == 0.0 && x >= 0.0);
        let whole = matches!(column.values.elements, Elements::Words(_)) || whole();
        column.values.width() == 1 && column.grey.is_none() && whole
    };
    let named = |column: &&RawColumn| options.label.as_ref().is_none_or(|l| *l == column.name);
    let mut found = table.columns.iter().filter(is_class).filter(named);
    match (found.next(), found.next()) {
        (Some(column), None) => Ok(column.values.elements.iter().map(|x| x as i32).collect()),
        _ => Err(Diagnostic::new(codes::RL2074, "no column or several hold the class of a row")
            .help("name it: `label=COLUMN`")),
    }
}

/// What there is to say of a column: shape of a row, lowest and highest value, missing values, words.
struct Summary {
    name: String,
    shape: Vec<usize>,
    range: Option<(f64, f64)>,
    missing: usize,
    infinite: usize,
    words: Option<usize>,
}

fn summary(column: &RawColumn) -> Summary {
    let elements = &column.values.elements;
    let words = match elements {
        Elements::Words(words) => Some(words.list.len()),
        _ => None,
    };
    Summary {
        name: column.name.clone(),
        shape: column.values.shape.get(1..).unwrap_or_default().to_vec(),
        range: elements.extent().filter(|_| words.is_none()),
        infinite: elements.iter().filter(|x| x.is_infinite()).count(),
        missing: elements.missing(),
        words,
    }
}

fn as_text(table: &Table, by_default: bool) -> String {
    let mut text: String = table.found.iter().map(|found| format!("{found}\n")).collect();
    text.push_str(&format!("{} rows\n", table.rows()));
    for Summary { name, shape, range, missing, infinite, words } in
        table.columns.iter().map(summary)
    {
        text.push_str(&format!("field {} {shape:?}", shown(&name)));
        match (words, range) {
            (Some(words), _) => text.push_str(&format!(" {words} words")),
            (None, Some((low, high))) => {
                text.push_str(&format!(" in {}..{}", short(low), short(high)));
            }
            (None, None) => {}
        }
        if missing > 0 {
            text.push_str(&format!(", {missing} missing"));
        }
        if infinite > 0 {
            text.push_str(&format!(", {infinite} infinite"));
        }
        text.push('\n');
    }
    let sizes = table.splits.iter().map(|(name, rows)| (name.clone(), rows.len()));
    splits(&mut text, sizes, by_default);
    text
}

fn as_json(table: &Table, by_default: bool) -> String {
    let fields = table.columns.iter().map(summary).map(|column| {
        let (low, high) = column.range.unzip();
        json!({
            "name": column.name, "shape": column.shape, "low": low, "high": high,
            "missing": column.missing, "infinite": column.infinite, "words": column.words,
        })
    });
    let fields: Vec<_> = fields.collect();
    let splits: Vec<_> =
        table.splits.iter().map(|(n, rows)| json!({ "name": n, "rows": rows.len() })).collect();
    let object = json!({
        "rows": table.rows(), "found": table.found, "fields": fields, "splits": splits,
        "default_split": by_default,
    });
    format!("{object}\n")
}
