//! From what a file holds to what the model declared. In: a [`Table`], the declared fields, options.
//! Out: a [`Dataset`]. The declared type alone decides the conversion: bits from grey levels need
//! `binarize`, an interval scales grey levels, `idx(n)` checks labels.

use super::dice::Dice;
use super::open::Root;
use super::raw::Grey;
use super::source::{self, Binarize, Options, about};
use super::{Column, Dataset, FieldSpec, RawColumn, Table, Values, split};
use crate::base::{Diagnostic, codes};
use crate::graph::DType;
use crate::model::ir::{Source, Support};

/// Loads a data set.
pub fn load(
    name: &str,
    source: &Source,
    root: &Root,
    fields: &[FieldSpec],
) -> Result<Dataset, Diagnostic> {
    let (table, options) = source::load(source, root)?;
    convert(name, &source::describe(source), table, &options, fields)
}

/// Applies the declared types.
pub fn convert(
    name: &str,
    origin: &str,
    table: Table,
    options: &Options,
    fields: &[FieldSpec],
) -> Result<Dataset, Diagnostic> {
    let matched = match_fields(&table, fields, origin)?;
    let rows = matched.first().map_or(0, |(_, column)| column.rows());
    let mut columns = Vec::new();
    for (field, part) in &matched {
        if part.rows() != rows {
            let text = format!("field `{}` has {} rows, another {rows}", field.name, part.rows());
            return Err(about(codes::RL2004, origin, text));
        }
        let values = field_values(field, part, options, origin)?;
        columns.push(Column { name: field.name.clone(), shape: field.ty.shape.clone(), values });
    }
    let splits = match &options.split {
        Some(shares) => split::by_fractions(rows, shares, options.seed)?,
        None if !table.splits.is_empty() => table.splits,
        None => split::by_fractions(rows, DEFAULT_SPLIT, options.seed)?,
    };
    Ok(Dataset { name: name.into(), origin: origin.into(), rows, columns, splits })
}

/// Shares of train, valid and test where neither the source nor the call says otherwise.
const DEFAULT_SPLIT: &[f64] = &[0.8, 0.1, 0.1];

/// The columns that make up one field: one column, or several of one number each.
struct Part<'a> {
    columns: Vec<&'a RawColumn>,
}

impl Part<'_> {
    fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.rows())
    }

    fn width(&self) -> usize {
        self.columns.iter().map(|column| column.values.width()).sum()
    }

    fn grey(&self, options: &Options) -> Option<Grey> {
        let own = self.columns.first().and_then(|column| column.grey);
        options.scale.map(|high| Grey { low: 0.0, high }).or(own)
    }

    /// All values, row after row.
    fn values(&self) -> Vec<f64> {
        if let [column] = self.columns.as_slice() {
            return column.values.elements.iter().collect();
        }
        let row = |at| self.columns.iter().filter_map(move |c| c.values.elements.get(at));
        (0..self.rows()).flat_map(row).collect()
    }
}

/// Finds the columns of every field.
fn match_fields<'a>(
    table: &'a Table,
    fields: &'a [FieldSpec],
    origin: &str,
) -> Result<Vec<(&'a FieldSpec, Part<'a>)>, Diagnostic> {
    let mut free: Vec<&RawColumn> = table.columns.iter().collect();
    let mut matched: Vec<Option<Part>> = fields.iter().map(|_| None).collect();
    for (field, slot) in fields.iter().zip(&mut matched) {
        if let Some(at) = free.iter().position(|column| table.named && column.name == field.name) {
            *slot = Some(Part { columns: vec![free.remove(at)] });
        }
    }
    for (field, slot) in fields.iter().zip(&mut matched) {
        if slot.is_none() {
            *slot = take(&mut free, field, table, fields.len());
        }
    }
    let mut found = Vec::new();
    for (field, slot) in fields.iter().zip(matched) {
        let part = slot.ok_or_else(|| missing(table, field, origin))?;
        let (declared, width) = (field.ty.shape.iter().product::<usize>(), part.width());
        if declared != width {
            return Err(sizes_differ(field, declared, &part, origin));
        }
        found.push((field, part));
    }
    Ok(found)
}

/// Takes columns for a field that none is named after.
fn take<'a>(
    free: &mut Vec<&'a RawColumn>,
    field: &FieldSpec,
    table: &Table,
    n_fields: usize,
) -> Option<Part<'a>> {
    let width: usize = field.ty.shape.iter().product();
    let one_number_each = free.iter().all(|column| column.values.shape.len() == 1);
    if one_number_each && (free.len() > n_fields || width > 1) {
        // A table of single columns: the field takes as many as it needs, in order.
        let columns =
            if width <= free.len() { free.drain(..width).collect() } else { return None };
        return Some(Part { columns });
    }
    let labels = |column: &RawColumn| column.values.width() == 1 && column.grey.is_none();
    let is_label = width == 1 && field.ty.dtype == DType::I32;
    let at = if table.named && n_fields > 1 {
        return None;
    } else if is_label && free.iter().any(|column| labels(column)) {
        free.iter().position(|column| labels(column))
    } else {
        let fits = free.iter().position(|column| column.values.width() == width);
        fits.or(if free.is_empty() { None } else { Some(0) })
    };
    at.map(|at| Part { columns: vec![free.remove(at)] })
}

fn missing(table: &Table, field: &FieldSpec, origin: &str) -> Diagnostic {
    let names: Vec<String> = table.columns.iter().take(20).map(|c| c.name.clone()).collect();
    let error = about(codes::RL2063, origin, format!("nothing found for field `{}`", field.name));
    error.note(format!("it has {} columns: {}", table.columns.len(), names.join(", ")))
}

fn sizes_differ(field: &FieldSpec, declared: usize, part: &Part, origin: &str) -> Diagnostic {
    let shape = part.columns.first().and_then(|c| c.values.shape.get(1..)).unwrap_or_default();
    let found = part.width();
    let text = format!(
        "field `{}` is declared with {declared} values per row, the source has {found}",
        field.name
    );
    let dims = if shape.is_empty() { String::new() } else { format!(" (shape {shape:?})") };
    about(codes::RL2064, origin, text)
        .note(format!("declared {:?}, found {found}{dims}", field.ty.shape))
        .help(format!("change the dims of `{}` so that they hold {found} values", field.name))
}

/// Converts one field.
fn field_values(
    field: &FieldSpec,
    part: &Part,
    options: &Options,
    origin: &str,
) -> Result<Values, Diagnostic> {
    let values = part.values();
    check_finite(&values, part.width(), field, options, origin)?;
    let grey = part.grey(options);
    match field.ty.support {
        Support::Bit => bits(values, grey, field, options, origin),
        Support::Bool => bits(values, None, field, options, origin),
        Support::Interval(low, high) => {
            let values = match grey {
                Some(grey) => {
                    let scale = (high - low) / (grey.high - grey.low);
                    values.iter().map(|x| low + (x - grey.low) * scale).collect()
                }
                None => values,
            };
            within(&values, field, part.width(), origin, |x| (low..=high).contains(&x))?;
            Ok(reals(&values))
        }
        Support::Positive => {
            within(&values, field, part.width(), origin, |x| x > 0.0)?;
            Ok(reals(&values))
        }
        Support::Index(n) => labels(&values, n, field, part.width(), origin),
        Support::Integer => {
            within(&values, field, part.width(), origin, |x| x.fract() == 0.0)?;
            Ok(Values::I32(values.iter().map(|x| *x as i32).collect()))
        }
        Support::Real => Ok(match options.scale {
            Some(scale) => reals(&values.iter().map(|x| x / scale).collect::<Vec<f64>>()),
            None => reals(&values),
        }),
    }
}

fn reals(values: &[f64]) -> Values {
    Values::F32(values.iter().map(|x| *x as f32).collect())
}

/// NaN and infinity are refused unless asked for: they spread through everything.
fn check_finite(
    values: &[f64],
    width: usize,
    field: &FieldSpec,
    options: &Options,
    origin: &str,
) -> Result<(), Diagnostic> {
    let count = values.iter().filter(|x| !x.is_finite()).count();
    let Some(first) = values.iter().position(|x| !x.is_finite()).filter(|_| !options.allow_nan)
    else {
        return Ok(());
    };
    let text = format!(
        "field `{}` has {count} values that are not finite, the first in row {}",
        field.name,
        first / width.max(1)
    );
    Err(about(codes::RL2061, origin, text).help("clean the data, or write `nan = \"allow\"`"))
}

fn within(
    values: &[f64],
    field: &FieldSpec,
    width: usize,
    origin: &str,
    legal: impl Fn(f64) -> bool,
) -> Result<(), Diagnostic> {
    let Some(at) = values.iter().position(|x| !legal(*x) && !x.is_nan()) else { return Ok(()) };
    let text = format!(
        "row {}: {} is not a value of field `{}`, declared {}",
        at / width.max(1),
        values.get(at).copied().unwrap_or_default(),
        field.name,
        describe(&field.ty.support)
    );
    Err(about(codes::RL2065, origin, text))
}

fn describe(support: &Support) -> String {
    match support {
        Support::Real => "a real".into(),
        Support::Interval(low, high) => format!("in {low}..{high}"),
        Support::Positive => "positive".into(),
        Support::Bit => "bit".into(),
        Support::Index(n) => format!("idx({n})"),
        Support::Bool => "bool".into(),
        Support::Integer => "an integer".into(),
    }
}

fn labels(
    values: &[f64],
    n: usize,
    field: &FieldSpec,
    width: usize,
    origin: &str,
) -> Result<Values, Diagnostic> {
    let legal = |x: &f64| x.fract() == 0.0 && *x >= 0.0 && *x < n as f64;
    if let Some(at) = values.iter().position(|x| !legal(x)) {
        let text = format!(
            "row {}: {} is not an index of field `{}`, declared idx({n})",
            at / width.max(1),
            values.get(at).copied().unwrap_or_default(),
            field.name
        );
        let error = about(codes::RL2005, origin, text);
        return Err(error.help(format!("indices run from 0 to {}", n.saturating_sub(1))));
    }
    Ok(Values::I32(values.iter().map(|x| *x as i32).collect()))
}

/// Bits: values that are 0 or 1 already, or grey levels by the way that `binarize` names.
fn bits(
    values: Vec<f64>,
    grey: Option<Grey>,
    field: &FieldSpec,
    options: &Options,
    origin: &str,
) -> Result<Values, Diagnostic> {
    if values.iter().all(|x| *x == 0.0 || *x == 1.0) {
        return Ok(reals(&values));
    }
    let Some(binarize) = options.binarize else {
        return Err(needs_binarize(&values, field, origin));
    };
    let Grey { low, high } = grey.unwrap_or(Grey { low: 0.0, high: 1.0 });
    let levels: Vec<f64> = values.iter().map(|x| (x - low) / (high - low)).collect();
    if let Some(at) = levels.iter().position(|x| !(0.0..=1.0).contains(x)) {
        let text = format!(
            "field `{}`: {} is not a grey level from {low} to {high}",
            field.name,
            values.get(at).copied().unwrap_or_default()
        );
        let error = about(codes::RL2065, origin, text);
        return Err(error.help("say which level is white: `scale = 255`"));
    }
    Ok(match binarize {
        Binarize::Threshold => {
            Values::F32(levels.iter().map(|x| f32::from(u8::from(*x > 0.5))).collect())
        }
        Binarize::Stochastic => Values::Chance(levels.iter().map(|x| *x as f32).collect()),
        Binarize::Fixed => {
            let mut dice = Dice::new(options.seed, &format!("binarize {}", field.name), 0);
            let mut bit = |x: &f64| f32::from(u8::from(dice.uniform() < *x));
            Values::F32(levels.iter().map(&mut bit).collect())
        }
    })
}

fn needs_binarize(values: &[f64], field: &FieldSpec, origin: &str) -> Diagnostic {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let text = format!(
        "field `{}` is declared `bit`, but its values are grey levels from {low} to {high}",
        field.name
    );
    about(codes::RL2062, origin, text)
        .help("say how they become bits: `binarize = \"stochastic\"`, \"threshold\" or \"fixed\"")
        .help(format!("or declare `{}: f32[...] in 0..1`", field.name))
}

#[cfg(test)]
mod tests {
    use super::super::batches::{Batch, gather};
    use super::super::raw::{Elements, Raw};
    use super::*;
    use crate::model::ir::{Static, Type};

    fn field(name: &str, dtype: DType, shape: &[usize], support: Support) -> FieldSpec {
        let ty = Type { dtype, shape: shape.to_vec(), support, varies: true };
        FieldSpec { name: name.into(), ty }
    }

    fn image(support: Support) -> FieldSpec {
        field("x", DType::F32, &[64], support)
    }

    fn label(n: usize) -> FieldSpec {
        field("y", DType::I32, &[], Support::Index(n))
    }

    fn digits(args: &[(&str, Static)], fields: &[FieldSpec]) -> Result<Dataset, Diagnostic> {
        let args = args.iter().map(|(k, v)| (Some(k.to_string()), v.clone())).collect();
        let source = Source { name: "uci_digits".into(), args };
        let root = Root { folder: ".".into(), may_leave: false };
        load("digits", &source, &root, fields)
    }

    fn text(value: &str) -> Static {
        Static::Str(value.into())
    }

    #[test]
    fn types_decide_the_conversion() {
        let fields = [image(Support::Interval(0.0, 1.0)), label(10)];
        let set = digits(&[], &fields).unwrap();
        assert_eq!((set.rows, set.split("train").unwrap().len()), (1797, 1437));
        assert_eq!(set.split("test").unwrap().len(), 360);
        let Values::F32(x) = &set.columns[0].values else { panic!("grey levels are reals") };
        assert_eq!(x[2], 5.0 / 16.0);
        assert_eq!(set.columns[1].values.clone(), {
            let Values::I32(y) = &set.columns[1].values else { panic!("labels are integers") };
            assert_eq!(&y[..4], [0, 1, 2, 3]);
            Values::I32(y.clone())
        });
        let set = digits(&[], &[image(Support::Interval(-1.0, 1.0))]).unwrap();
        let Values::F32(x) = &set.columns[0].values else { panic!("grey levels are reals") };
        assert_eq!((x[0], x[2]), (-1.0, 2.0 * 5.0 / 16.0 - 1.0));
        let shaped = field("x", DType::F32, &[1, 8, 8], Support::Real);
        let set = digits(&[], &[label(10), shaped]).unwrap();
        let Values::F32(x) = &set.columns[1].values else { panic!("reals are reals") };
        assert_eq!(x[2], 5.0);
    }

    #[test]
    fn bits_need_a_way() {
        let error = digits(&[], &[image(Support::Bit)]).unwrap_err();
        assert_eq!(error.code, codes::RL2062);
        let set = digits(&[("binarize", text("threshold"))], &[image(Support::Bit)]).unwrap();
        let Values::F32(x) = &set.columns[0].values else { panic!("threshold gives bits") };
        assert_eq!(&x[..6], [0.0, 0.0, 0.0, 1.0, 1.0, 0.0]);
        let fixed = digits(&[("binarize", text("fixed"))], &[image(Support::Bit)]).unwrap();
        let Values::F32(x) = &fixed.columns[0].values else { panic!("a fixed draw gives bits") };
        assert!(x.iter().all(|b| *b == 0.0 || *b == 1.0));
        let fresh = digits(&[("binarize", text("stochastic"))], &[image(Support::Bit)]).unwrap();
        let batch = |epoch| gather(&fresh.columns[0], &[0, 5], 1, epoch);
        assert_ne!(batch(0), batch(1));
        let Batch::F32(bits) = batch(0) else { panic!("bits are reals") };
        assert_eq!(bits.len(), 128);
    }

    #[test]
    fn refused() {
        let real = image(Support::Real);
        for (args, fields, expected) in [
            (vec![], vec![label(5)], "RL2005"),
            (vec![], vec![field("x", DType::F32, &[63], Support::Real)], "RL2064"),
            (vec![], vec![real.clone(), label(10), label(10)], "RL2063"),
            (vec![("binarise", text("fixed"))], vec![real.clone()], "RL2066"),
            (vec![("binarize", text("sometimes"))], vec![real.clone()], "RL2066"),
            (vec![("split", Static::Float(1.5))], vec![real.clone()], "RL2069"),
            (vec![("scale", Static::Int(8))], vec![image(Support::Interval(0.0, 1.0))], "RL2065"),
            (vec![("seed", Static::Int(-1))], vec![real.clone()], "RL2066"),
        ] {
            let error = digits(&args, &fields).unwrap_err();
            assert_eq!(error.code.name(), expected, "{}", error.message);
        }
    }

    fn column(name: &str, shape: &[usize], values: &[f32]) -> RawColumn {
        let values = Raw { shape: shape.to_vec(), elements: Elements::F32(values.to_vec()) };
        RawColumn { name: name.into(), values, grey: None }
    }

    fn table(columns: Vec<RawColumn>, named: bool) -> Table {
        Table { columns, splits: Vec::new(), named }
    }

    #[test]
    fn single_columns_fill_fields_by_name_then_in_order() {
        let cells = vec![
            column("y", &[2], &[1.0, 0.0]),
            column("a", &[2], &[0.5, 1.5]),
            column("b", &[2], &[2.5, 3.5]),
        ];
        let fields = [field("x", DType::F32, &[2], Support::Real), label(2)];
        let named = table(cells.clone(), true);
        let set = convert("d", "csv", named, &Options::default(), &fields).unwrap();
        assert_eq!(set.columns[0].values, Values::F32(vec![0.5, 2.5, 1.5, 3.5]));
        assert_eq!(set.columns[1].values, Values::I32(vec![1, 0]));
        let fields = [label(2), field("x", DType::F32, &[2], Support::Real)];
        let set = convert("d", "csv", table(cells, false), &Options::default(), &fields).unwrap();
        assert_eq!(set.columns[1].values, Values::F32(vec![0.5, 2.5, 1.5, 3.5]));
    }

    #[test]
    fn values_that_are_not_finite() {
        let cells = table(vec![column("x", &[3], &[1.0, f32::NAN, f32::INFINITY])], true);
        let fields = [field("x", DType::F32, &[], Support::Real)];
        let error = convert("d", "npy", cells.clone(), &Options::default(), &fields).unwrap_err();
        assert_eq!(error.code, codes::RL2061);
        assert!(error.message.contains("2 values") && error.message.contains("row 1"));
        let options = Options { allow_nan: true, ..Options::default() };
        assert!(convert("d", "npy", cells, &options, &fields).is_ok());
    }

    #[test]
    fn fields_of_different_length() {
        let cells = table(vec![column("x", &[3], &[1.0; 3]), column("z", &[2], &[1.0; 2])], true);
        let real = |name| field(name, DType::F32, &[], Support::Real);
        let error = convert("d", "npz", cells, &Options::default(), &[real("x"), real("z")]);
        assert_eq!(error.unwrap_err().code, codes::RL2004);
    }
}
