//! Whether what an artifact holds may be used. In: a job and its plans, from anywhere. Out: the first
//! thing by which they contradict themselves, each other, or the limits here. A job that was compiled
//! a moment ago passes as well: there is one set of rules.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::job::{Job, PhaseSpec, is_scalar};
use crate::base::budget;
use crate::base::text::{as_name, is_plain};
use crate::graph::Named;
use crate::metrics::{self, Metric, Setting};
use crate::model::FORMATS;
use crate::model::ir::{self, PhaseKind, Support};
use crate::plan::{self, Around, Place, Plan};
use crate::translate::program::{Emit, Feed, Figure, FigureKind};
use std::collections::BTreeSet;

/// No slot and no table of a field is larger.
const MOST_BYTES: usize = 1 << 38;
/// No step consumes more batches.
const MOST_BATCHES: usize = budget::TURNS.most;
/// No metric has more arguments.
const MOST_ARGS: usize = 16;
/// No codebook has more entries.
const MOST_CODES: usize = 1 << 24;
/// No batch has more rows.
const MOST_ROWS: usize = budget::ROWS.most;
/// Steps and passes are counted by integers of 32 bits.
const MOST_STEPS: usize = i32::MAX as usize;
/// No name has more bytes.
const MOST_NAME: usize = 255;
/// No path of a slot has more bytes.
const MOST_PATH: usize = 4096;
/// What opens the name of an output.
const OUTPUTS: &[&str] = &["param", "state", "track", "report", "metric", "emit", "code", "rate"];

type Check = Result<(), String>;

fn holds(condition: bool, what: impl FnOnce() -> String) -> Check {
    if condition { Ok(()) } else { Err(what()) }
}

/// A word of the language.
fn is_word(name: &str) -> bool {
    let letters = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    letters && name.len() <= MOST_NAME && name.bytes().next().is_some_and(|b| !b.is_ascii_digit())
}

/// What a figure is called: a name, or a short formula.
fn is_label(name: &str) -> bool {
    !name.is_empty() && name.len() <= MOST_NAME && name.chars().all(is_plain)
}

/// Words with dots between them.
fn is_path(path: &str) -> bool {
    path.len() <= MOST_PATH && path.split('.').all(is_word)
}

/// Every name is what it should be, and stands once.
fn names<'a>(
    what: &str,
    list: impl IntoIterator<Item = &'a str>,
    fits: impl Fn(&str) -> bool,
) -> Check {
    let mut known = BTreeSet::new();
    for name in list {
        holds(fits(name), || format!("`{}` does not name a {what}", name.escape_debug()))?;
        holds(known.insert(name), || format!("there are two of {what} `{name}`"))?;
    }
    Ok(())
}

/// Bytes of a shape, if they are few enough.
fn fits(shape: &[usize]) -> bool {
    let size = shape.iter().try_fold(4usize, |n, dim| n.checked_mul(*dim));
    !shape.contains(&0) && size.is_some_and(|bytes| bytes <= MOST_BYTES)
}

/// Whether a range has a low and a high end, either of which may be infinite.
fn ordered(support: &Support) -> bool {
    match support {
        Support::Interval(low, high) => low < high,
        Support::Index(n) => *n > 0,
        _ => true,
    }
}

/// Whether a job agrees with itself, and has so many plans.
pub fn job(job: &Job, plans: usize) -> Check {
    holds(plans == job.plans(), || format!("{plans} plans for {} graphs", job.plans()))?;
    // It names the run folder.
    holds(as_name(&job.name) == job.name, || "its name is no name of a model".into())?;
    let digit = |b: u8| b.is_ascii_alphanumeric();
    holds(job.source.bytes().all(digit), || "its source has no checksum".into())?;
    names("setting", job.settings.iter().map(|(name, _)| name.as_str()), is_word)?;
    names("slot", job.slots.iter().map(|slot| slot.path.as_str()), is_path)?;
    names("input", job.init_inputs.iter().map(String::as_str), is_scalar)?;
    names("data set", job.data.iter().map(|data| data.name.as_str()), is_word)?;
    for data in &job.data {
        names("field", data.fields.iter().map(|field| field.name.as_str()), is_word)?;
    }
    let phase = |name: &str| is_word(ir::owner_of(name)) && is_path(name);
    names("phase", job.phases.iter().map(|phase| phase.name.as_str()), phase)?;
    names("code", job.encoders.iter().map(|part| part.name.as_str()), is_path)?;
    for slot in &job.slots {
        holds(fits(&slot.ty.shape), || format!("slot `{}` is too large", slot.path))?;
    }
    for field in job.data.iter().flat_map(|data| &data.fields) {
        holds(fits(&field.ty.shape), || format!("field `{}` is too large", field.name))?;
        holds(ordered(&field.ty.support), || format!("field `{}` has no range", field.name))?;
    }
    for (at, spec) in job.specs().enumerate() {
        specified(job, spec, at + 1)
            .map_err(|why| format!("phase `{}`: {why}", spec.name.escape_debug()))?;
    }
    job.rests.iter().try_for_each(|rest| replaces(job, rest))
}

/// A phase for a short batch stands for one of the phases.
fn replaces(job: &Job, rest: &PhaseSpec) -> Check {
    // A phase and a code may have one name; what they give tells them apart.
    let same = |whole: &PhaseSpec| {
        whole.name == rest.name && whole.kind == rest.kind && whole.outputs == rest.outputs
    };
    let found = job.phases.iter().chain(&job.encoders).any(same);
    holds(found, || "a short batch of no phase".into())
}

fn specified(job: &Job, spec: &PhaseSpec, plan: usize) -> Check {
    let wrong = |what: &str| Err(what.to_string());
    if spec.plan != plan {
        return Err(format!("it has plan {}, not {plan}", spec.plan));
    }
    if !(1..=MOST_ROWS).contains(&spec.batch)
        || !(1..=MOST_BATCHES).contains(&spec.batches_per_step)
    {
        return wrong("it has no rows, or too many");
    }
    let few = |n: Option<usize>| n.is_none_or(|n| n <= MOST_STEPS);
    if !few(spec.epochs) || !few(spec.steps) || !few(spec.until) {
        return wrong("it has too many steps");
    }
    let figures = |watch: &PhaseSpec| {
        watch.kind == PhaseKind::Eval && watch.figures.len() == 1 && watch.on.is_some()
    };
    if spec.until.is_some() && job.watch(spec).is_none_or(|(_, watch)| !figures(watch)) {
        return wrong("it has nothing to stop by");
    }
    for (data, split) in spec.on.iter().chain(&spec.beside) {
        let known = job.data(data).is_some() && is_word(split);
        holds(known, || "it goes over no data set".into())?;
    }
    names("input", spec.feeds.iter().map(|feed| feed.input.as_str()), |_| true)?;
    spec.feeds.iter().try_for_each(|feed| fed(job, spec, feed))?;
    names("input", spec.scalars.iter().map(String::as_str), is_scalar)?;
    let figures = spec.figures.iter().map(|figure| &figure.name);
    let labels = figures.chain(spec.tracks.iter().map(|(name, _)| name)).all(|name| is_label(name));
    // It names a file.
    let known = |(data, field): &(String, String)| is_word(data) && is_word(field);
    let of = |emit: &Emit| emit.of.as_ref().is_none_or(known);
    let files = spec.emits.iter().all(|emit| is_word(&emit.name) && of(emit));
    holds(labels && files, || "it gives something without a name".into())?;
    names("output", spec.outputs.iter().map(String::as_str), is_output)?;
    holds(spec.figures.iter().all(is_legal), || "it has a figure with odd arguments".into())?;
    holds(spec.emits.iter().all(is_shown), || "it emits in no format".into())
}

/// A feed is a field of a data set that the phase goes over, or all rows of one.
fn fed(job: &Job, spec: &PhaseSpec, feed: &Feed) -> Check {
    let data = job.data(&feed.data);
    let field = data.and_then(|data| data.fields.iter().find(|field| field.name == feed.field));
    let over = match feed.all {
        Some(rows) => field.is_some_and(|field| fits(&[&[rows], &field.ty.shape[..]].concat())),
        None => spec.on.iter().chain(&spec.beside).any(|(name, _)| *name == feed.data),
    };
    let named = feed.input == feed.input() && (feed.split.is_none() || feed.all.is_some());
    let right = field.is_some() && over && named && feed.repetition < spec.batches_per_step;
    holds(right, || "it reads an unknown field".into())
}

/// `KIND:PATH`, for arguments of metrics with a number behind.
fn is_output(name: &str) -> bool {
    let Some((kind, rest)) = name.split_once(':') else { return false };
    let named = match (kind, rest.rsplit_once(':')) {
        ("metric", Some((figure, at))) => is_label(figure) && at.parse::<u8>().is_ok(),
        ("track" | "report", _) => is_label(rest),
        _ => is_path(rest),
    };
    OUTPUTS.contains(&kind) && named
}

fn is_shown(emit: &Emit) -> bool {
    let finite = |(low, high): (f64, f64)| low.is_finite() && high.is_finite();
    FORMATS.contains(&emit.format.as_str()) && emit.range.is_none_or(finite)
}

/// Whether a metric has a usual number of arguments and settings of its row. Metrics of another
/// version are found out when they are computed.
fn is_legal(figure: &Figure) -> bool {
    match &figure.how {
        FigureKind::Mean => true,
        FigureKind::Bottleneck { part, codes, .. } => {
            is_path(part) && codes.is_none_or(|codes| codes <= MOST_CODES)
        }
        FigureKind::Metric { metric, args, settings } => {
            let legal = |(s, x): (&Setting, &f64)| (s.range.0..=s.range.1).contains(x);
            let fits = |row: &Metric| {
                let right = row.settings.len() == settings.len()
                    && row.settings.iter().zip(settings).all(legal);
                right && *args >= row.args.len()
            };
            (1..=MOST_ARGS).contains(args) && metrics::find(metric).is_none_or(fits)
        }
    }
}

/// Whether every plan stays inside its memory, and gives what the job reads.
pub fn plans(job: &Job, plans: &[Plan]) -> Check {
    for (number, plan) in plans.iter().enumerate() {
        let spec = job.specs().find(|spec| spec.plan == number);
        planned(job, spec, plan).map_err(|why| format!("plan {number}: {why}"))?;
    }
    let first = plans.first().ok_or("it has no plan")?;
    let written: BTreeSet<usize> =
        first.kernels.iter().flat_map(|kernel| kernel.work.writes()).collect();
    let made = |path: &str| {
        let is = |b: &usize| matches!(first.buffers.get(*b).map(|b| &b.place), Some(Place::Slot(own)) if own == path);
        written.iter().any(is)
    };
    match job.slots.iter().find(|slot| !made(&slot.path)) {
        Some(slot) => Err(format!("nothing gives `{}` its first value", slot.path)),
        None => Ok(()),
    }
}

fn planned(job: &Job, spec: Option<&PhaseSpec>, plan: &Plan) -> Check {
    let mut around = Around::default();
    around.slots.extend(job.slots.iter().map(|slot| (slot.path.as_str(), &slot.ty)));
    let scalars = spec.map_or(&job.init_inputs, |spec| &spec.scalars);
    around.inputs.extend(scalars.iter().map(|name| (name.as_str(), Vec::new())));
    for feed in spec.iter().flat_map(|spec| &spec.feeds) {
        let fields = job.data(&feed.data).map(|data| data.fields.as_slice()).unwrap_or_default();
        let field = fields.iter().find(|field| field.name == feed.field);
        let rows = feed.all.unwrap_or(spec.map_or(0, |spec| spec.batch));
        let shape = field.map(|field| [&[rows], &field.ty.shape[..]].concat());
        around.inputs.insert(&feed.input, shape.unwrap_or_default());
    }
    plan::guard(plan, &around)?;
    let Some(spec) = spec else { return Ok(()) };
    for name in spec.reads() {
        let output = plan.outputs.iter().find(|output| output.name == name);
        let buffer = output.and_then(|output| plan.buffers.get(output.buffer));
        let buffer = buffer.ok_or_else(|| format!("there is no output `{name}`"))?;
        let rows = rowed(&name, &buffer.shape, spec.batch);
        holds(rows, || format!("output `{name}` has no rows"))?;
    }
    Ok(())
}

/// Arguments of metrics and codes have a row per example.
fn rowed(name: &str, shape: &[usize], batch: usize) -> bool {
    let rows = matches!(Named::parse(name), Some(Named::Metric(..) | Named::Code(_)));
    !rows || shape.first() == Some(&batch)
}
