//! Figures of a split. In: a session and an eval phase. Out: one number per figure. Every row of the
//! split counts once. The last short batch is filled up by repeating rows, and what they give is left
//! out; where rows mix, a program for its size runs instead.

use super::bottleneck::CodeSum;
use super::data::Dataset;
use super::data::rows::Rows;
use super::job::PhaseSpec;

use super::session::{Drawn, Session};
use crate::backend::{Data, Tensor};
use crate::base::{Diagnostic, codes};
use crate::graph::Named;
use crate::metrics::{self, Collected, Metric};
use crate::translate::program::{Figure, FigureKind};
use serde::{Deserialize, Serialize};

/// A computed figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FigureValue {
    /// The phase.
    pub phase: String,
    /// The figure's name.
    pub name: String,
    /// The value.
    #[serde(with = "real")]
    pub value: f64,
    /// `nats per example`, `accuracy`, or empty.
    pub unit: String,
    /// `upper bound on ...`, or empty if exact.
    pub bound: String,
}

/// JSON has no word for values that are not finite; they are written as text.
mod real {
    use serde::{Deserialize, Deserializer, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        Number(f64),
        Word(String),
    }

    pub fn serialize<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
        if value.is_finite() { to.serialize_f64(*value) } else { to.collect_str(value) }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        match Form::deserialize(from)? {
            Form::Number(value) => Ok(value),
            Form::Word(word) => word.parse().map_err(serde::de::Error::custom),
        }
    }
}

/// A batch that was run.
pub struct Ran<'a> {
    /// What ran: its plan holds the outputs.
    pub phase: &'a PhaseSpec,
    /// Rows of the split in it, the first ones.
    pub real: usize,
    /// Whether rows were repeated to fill it, so that what mixes rows is not to be used.
    pub filled: bool,
}

/// Runs a phase over a split, batch by batch.
pub fn sweep<'a>(
    session: &mut Session<'a>,
    phase: &'a PhaseSpec,
    rows: &Rows,
    each: impl FnMut(&Session<'a>, Ran<'a>) -> Result<(), Diagnostic>,
) -> Result<(), Diagnostic> {
    let beside = session.beside(phase, None)?;
    sweep_along(session, phase, (rows, &beside), each)
}

/// The same with rows of the data sets that come along.
fn sweep_along<'a>(
    session: &mut Session<'a>,
    phase: &'a PhaseSpec,
    (rows, beside): (&Rows, &[(&str, &Rows)]),
    mut each: impl FnMut(&Session<'a>, Ran<'a>) -> Result<(), Diagnostic>,
) -> Result<(), Diagnostic> {
    let total = rows.len().div_ceil(phase.batch);
    let own = phase.on.as_ref().map_or("", |(data, _)| data.as_str());
    for number in 0..total {
        let first = number * phase.batch;
        let chunk = rows.some(first..first + phase.batch);
        let short = phase.mixes && chunk.len() < phase.batch;
        let job = session.job;
        let rest = if short { job.rest(phase, chunk.len()) } else { None };
        let phase = rest.unwrap_or(phase);
        let mut all = drawn(own, &chunk, phase);
        for (name, rows) in beside {
            // From the front again where they are fewer.
            let along = (first..first + chunk.len()).filter_map(|at| rows.get(at % rows.len()));
            all.extend(drawn(name, &along.collect::<Vec<u32>>(), phase));
        }
        let inputs = session.inputs(phase, &all, number, total);
        session.launch(phase.plan, &inputs);
        session.healthy()?;
        let filled = chunk.len() < phase.batch;
        each(session, Ran { phase, real: chunk.len(), filled })?;
    }
    Ok(())
}

/// A batch filled up by repeating its rows, for every minibatch of a step.
fn drawn(data: &str, chunk: &[u32], phase: &PhaseSpec) -> Vec<Drawn> {
    let rows: Vec<u32> = chunk.iter().cycle().take(phase.batch).copied().collect();
    let one = |repetition| Drawn { data: data.into(), repetition, epoch: 0, rows: rows.clone() };
    (0..phase.batches_per_step).map(one).collect()
}

/// All figures of an eval phase.
pub fn eval<'a>(
    session: &mut Session<'a>,
    phase: &'a PhaseSpec,
    mut tick: impl FnMut(usize, usize),
) -> Result<Vec<FigureValue>, Diagnostic> {
    let mut sums: Vec<Sum> = phase.figures.iter().map(Sum::new).collect();
    // Rows of a short batch that a figure leaves out, where no plan has so many rows.
    let (mut left_out, mut all) = (0, 0);
    match session.split(phase)? {
        Some(rows) => {
            let (mut done, total) = (0, rows.len().div_ceil(phase.batch));
            all = rows.len();
            sweep(session, phase, rows, |session, ran| {
                left_out += if ran.filled { ran.real } else { 0 };
                add_all(&mut sums, &phase.figures, session, &ran);
                done += 1;
                tick(done, total);
                Ok(())
            })?;
        }
        None => {
            let steps = phase.steps.unwrap_or(1);
            for step in 0..steps {
                let inputs = session.inputs(phase, &[], step, steps);
                session.launch(phase.plan, &inputs);
                let ran = Ran { phase, real: phase.batch, filled: false };
                add_all(&mut sums, &phase.figures, session, &ran);
                tick(step + 1, steps);
            }
        }
    }
    let training = training(session, phase)?;
    let mut figures = Vec::new();
    for (at, (figure, sum)) in phase.figures.iter().zip(&sums).enumerate() {
        for (name, value, unit) in sum.finish(figure, training.get(at))? {
            figures.push(FigureValue {
                phase: phase.name.clone(),
                name,
                value,
                unit: unit.unwrap_or_else(|| figure.meaning.unit.clone()),
                bound: bound(figure, (left_out, all)),
            });
        }
    }
    Ok(figures)
}

/// What a figure bounds, and which rows it is of if not of all.
fn bound(figure: &Figure, (left_out, all): (usize, usize)) -> String {
    let bound = figure.meaning.bound.clone();
    if !figure.mixes || left_out == 0 {
        return bound;
    }
    let of = format!("of {} of {all} rows, in whole batches", all - left_out);
    if bound.is_empty() { of } else { format!("{bound}; {of}") }
}

/// Arguments of the metrics that learn, over the training split; by number of the figure.
fn training<'a>(session: &mut Session<'a>, phase: &'a PhaseSpec) -> Result<Vec<Sum>, Diagnostic> {
    let Some((data, _)) = &phase.on else { return Ok(Vec::new()) };
    if !phase.learns() {
        return Ok(Vec::new());
    }
    let data: Option<&'a Dataset> = session.data.get(data);
    let Some(data) = data else { return Ok(Vec::new()) };
    let rows = session.rows(data, "train")?;
    let mut sums: Vec<Sum> = phase.figures.iter().map(Sum::new).collect();
    let beside = session.beside(phase, Some("train"))?;
    sweep_along(session, phase, (rows, &beside), |session, ran| {
        for (sum, figure) in sums.iter_mut().zip(&phase.figures) {
            if figure.learns() && !(figure.mixes && ran.filled) {
                sum.add(session, &ran);
            }
        }
        Ok(())
    })?;
    Ok(sums)
}

/// What a batch gives to each figure.
fn add_all(sums: &mut [Sum], figures: &[Figure], session: &Session<'_>, ran: &Ran<'_>) {
    for (sum, figure) in sums.iter_mut().zip(figures) {
        if !(figure.mixes && ran.filled) {
            sum.add(session, ran);
        }
    }
}

/// What is collected for a figure over the batches.
enum Sum {
    Mean { output: String, sum: f64, rows: usize },
    Columns { outputs: Vec<String>, columns: Vec<Collected> },
    ByRow { output: String, metric: &'static Metric, settings: Vec<f64>, sum: f64, rows: usize },
    Code { code: String, rate: Option<String>, sum: CodeSum },
}

/// Appends the first `real` rows of a batch.
fn collect(column: &mut Collected, tensor: &Tensor, batch: usize, real: usize) {
    let values = tensor.to_f32();
    column.whole = matches!(tensor.data, Data::I32(_));
    column.width = values.len() / batch.max(1);
    column.values.extend(values.iter().take(real * column.width));
}

/// The sum over the first `real` rows of a batch of a metric that is computed row by row.
fn sum_by_row(metric: &Metric, tensor: &Tensor, real: usize, settings: &[f64]) -> f64 {
    let [batch, .., columns] = tensor.shape[..] else { return f64::NAN };
    let values = tensor.to_f64();
    let row = values.len().div_ceil(batch.max(1));
    let kept = &values[..values.len().min(real * row)];
    metrics::sum_by_row(metric, kept, (row, columns), settings)
}

impl Sum {
    fn new(figure: &Figure) -> Sum {
        let name = &figure.name;
        match &figure.how {
            FigureKind::Mean => {
                Sum::Mean { output: Named::Report(name).to_string(), sum: 0.0, rows: 0 }
            }
            FigureKind::Metric { metric, args, settings } => {
                let output = |at: usize| Named::Metric(name, at).to_string();
                match metrics::find(metric) {
                    Some(metric) if metric.by_row() => {
                        let settings = settings.clone();
                        Sum::ByRow { output: output(0), metric, settings, sum: 0.0, rows: 0 }
                    }
                    _ => Sum::Columns {
                        outputs: (0..*args).map(output).collect(),
                        columns: vec![Collected::default(); *args],
                    },
                }
            }
            FigureKind::Bottleneck { part, has_rate, codes, .. } => Sum::Code {
                code: Named::Code(part).to_string(),
                rate: has_rate.then(|| Named::Rate(part).to_string()),
                sum: CodeSum::new(*codes),
            },
        }
    }

    fn add(&mut self, session: &Session<'_>, ran: &Ran<'_>) {
        let Ran { phase, real, .. } = *ran;
        let get = |name: &str| session.output(phase.plan, name);
        match self {
            Sum::Mean { output, sum, rows } => {
                *sum += sum_rows(&get(output), phase.batch, real);
                *rows += real;
            }
            Sum::ByRow { output, metric, settings, sum, rows } => {
                *sum += sum_by_row(metric, &get(output), real, settings);
                *rows += real;
            }
            Sum::Columns { outputs, columns } => {
                for (output, column) in outputs.iter().zip(columns) {
                    collect(column, &get(output), phase.batch, real);
                }
            }
            Sum::Code { code, rate, sum } => {
                let rates = rate.as_ref().map(|rate| sum_rows(&get(rate), phase.batch, real));
                sum.add(&get(code), phase.batch, real, rates.unwrap_or(0.0));
            }
        }
    }

    /// Name, value and unit (if not the figure's own) of what was collected.
    fn finish(
        &self,
        figure: &Figure,
        training: Option<&Sum>,
    ) -> Result<Vec<(String, f64, Option<String>)>, Diagnostic> {
        let name = &figure.name;
        Ok(match self {
            Sum::Mean { rows: 0, .. } | Sum::ByRow { rows: 0, .. } => return Err(too_few(figure)),
            Sum::Mean { sum, rows, .. } => vec![(name.clone(), sum / *rows as f64, None)],
            Sum::ByRow { metric, sum, rows, .. } => {
                vec![(name.clone(), sum / *rows as f64, Some(metric.unit.to_string()))]
            }
            Sum::Columns { columns, .. } => {
                let FigureKind::Metric { metric, settings, .. } = &figure.how else {
                    return Ok(Vec::new());
                };
                let row = metrics::find(metric).ok_or_else(|| {
                    let text = format!("there is no metric `{}`", metric.escape_debug());
                    Diagnostic::new(codes::RL3021, text)
                })?;
                let train = match training {
                    Some(Sum::Columns { columns, .. }) if row.learns => columns.as_slice(),
                    _ => &[],
                };
                if train.iter().chain(columns).any(Collected::is_rounded) {
                    return Err(rounded(name));
                }
                let input = metrics::Input { train, here: columns, settings };
                let value = metrics::compute(row, &input);
                vec![(name.clone(), value, Some(row.unit.to_string()))]
            }
            Sum::Code { rate, sum, .. } => {
                let FigureKind::Bottleneck { part, width, .. } = &figure.how else {
                    return Ok(Vec::new());
                };
                let named = |(name, value, unit)| (format!("{part}.{name}"), value, Some(unit));
                sum.figures(*width, rate.is_some()).into_iter().map(named).collect()
            }
        })
    }
}

/// Rows that are repeated to fill a batch are seen by what mixes rows: then there is no value.
pub fn no_mixed_rest(ran: &Ran<'_>) -> Result<(), Diagnostic> {
    if !(ran.phase.mixes && ran.filled) {
        return Ok(());
    }
    let (name, rows, batch) = (&ran.phase.name, ran.real, ran.phase.batch);
    let text =
        format!("`{name}` mixes the rows of a batch, and was not compiled for one of {rows}");
    let error = Diagnostic::new(codes::RL2060, text).note(format!("its batches have {batch} rows"));
    Err(error.help("run the `.rl` file instead of the artifact, or compile again with this data"))
}

/// Metrics compute in f32, which does not tell large whole numbers apart.
fn rounded(name: &str) -> Diagnostic {
    let text = format!("`{name}` is computed from whole numbers of 16777216 and more");
    let help = "bring them nearer to 0: subtract one of them, `n - 16777216`, or give them classes";
    Diagnostic::new(codes::RL2065, text).help(help)
}

/// The split is smaller than a batch, and no program for its size was compiled.
fn too_few(figure: &Figure) -> Diagnostic {
    let text = format!("`{}` mixes the rows of a batch, and the split has none full", figure.name);
    let help = "give the phase a smaller `batch`, or run the `.rl` file instead of the artifact";
    Diagnostic::new(codes::RL2060, text).help(help)
}

/// The sum over the real rows of `[B]`; a scalar counts once per row.
fn sum_rows(tensor: &Tensor, batch: usize, real: usize) -> f64 {
    let values = tensor.to_f64();
    if tensor.shape.first() != Some(&batch) {
        return values.first().copied().unwrap_or(f64::NAN) * real as f64;
    }
    let width = (values.len() / batch.max(1)).max(1);
    let sum: f64 = values.iter().take(real * width).sum();
    sum / width as f64
}
