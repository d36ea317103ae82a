//! Conversions of the digits and of small tables.

use super::super::RawColumn;
use super::super::batches::{Batch, gather};
use super::super::raw::{Elements, Raw};
use super::*;
use crate::graph::DType;
use crate::model::ir::{Static, Type};

fn field(name: &str, dtype: DType, shape: &[usize], support: Support) -> FieldSpec {
    let ty = Type { dtype, shape: shape.to_vec(), support, varies: true, ends: false };
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
    let source = Source { name: "uci_digits".into(), args, ..Source::default() };
    let root = Root { folder: ".".into(), may_leave: false };
    load("digits", &source, &root, fields, &[])
}

fn convert(
    name: &str,
    origin: &str,
    table: Table,
    options: &Options,
    fields: &[FieldSpec],
) -> Result<Dataset, Diagnostic> {
    Converting { name, origin, options, fields, kept: &[] }.convert(table)
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
    assert!(set.kept.is_empty() && set.notes().is_empty());
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
    Table::new(columns, named)
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
    let cells = |values: &[f32]| table(vec![column("x", &[values.len()], values)], true);
    let fields = [field("x", DType::F32, &[], Support::Real)];
    let code = |values: &[f32], options: &Options| {
        convert("d", "npy", cells(values), options, &fields).unwrap_err()
    };
    let error = code(&[1.0, f32::NAN, f32::NAN], &Options::default());
    assert_eq!(error.code, codes::RL2023);
    assert!(error.message.contains("(2)") && error.message.contains("row 2"), "{}", error.message);
    let infinite = [1.0, f32::NAN, f32::INFINITY];
    let drop = Options { missing: Some(Missing::Drop), ..Options::default() };
    let error = code(&infinite, &drop);
    assert_eq!((error.code, error.message.contains("row 3")), (codes::RL2061, true));
    let options = Options { allow_nan: true, ..Options::default() };
    let kept = convert("d", "npy", cells(&infinite), &options, &fields).unwrap();
    let Values::F32(x) = &kept.columns[0].values else { panic!("reals are reals") };
    assert!(x[0] == 1.0 && x[1].is_nan() && x[2] == f32::INFINITY, "{x:?}");
}

#[test]
fn a_filling_that_is_no_class() {
    let cells = || table(vec![column("y", &[3], &[1.0, f32::NAN, 0.0])], true);
    let read = |x: f64| {
        let options = Options { missing: Some(Missing::Number(x)), ..Options::default() };
        convert("d", "csv", cells(), &options, &[label(4)])
    };
    assert_eq!(read(3.0).unwrap().columns[0].values, Values::I32(vec![1, 3, 0]));
    for x in [-1.0, 1.5, 4.0] {
        let error = read(x).unwrap_err();
        let said = format!("`missing = {x}` is no index of field");
        assert!(error.code == codes::RL2005 && error.message.contains(&said), "{}", error.message);
    }
}

#[test]
fn fields_of_different_length() {
    let cells = table(vec![column("x", &[3], &[1.0; 3]), column("z", &[2], &[1.0; 2])], true);
    let real = |name| field(name, DType::F32, &[], Support::Real);
    let error = convert("d", "npz", cells, &Options::default(), &[real("x"), real("z")]);
    assert_eq!(error.unwrap_err().code, codes::RL2004);
    // Two columns of one field as well.
    let cells = table(vec![column("a", &[5], &[1.0; 5]), column("b", &[4], &[1.0; 4])], true);
    let both = field("x", DType::F32, &[2], Support::Real);
    let error = convert("d", "npz", cells, &Options::default(), &[both]).unwrap_err();
    assert_eq!(error.message, "npz: field `x`: column `b` has 4 rows, another 5");
}

#[test]
fn options_that_choose_rows() {
    let fields = [image(Support::Interval(0.0, 1.0)), label(10)];
    let with = |args: &[(&str, Static)]| digits(args, &fields);
    let size = |set: &Dataset, split: &str| {
        set.split(split).map_or(0, crate::runtime::data::rows::Rows::len)
    };
    let neutral = [
        ("rows", Static::Int(0)),
        ("per_class", Static::Int(0)),
        ("class", Static::Int(-1)),
        ("valid", Static::Float(0.0)),
        ("labels", text("true")),
        ("label", text("")),
    ];
    let whole = with(&[]).unwrap();
    let same = with(&neutral).unwrap();
    assert_eq!((&whole.columns, &whole.splits), (&same.columns, &same.splits));
    let set = with(&[("valid", Static::Float(0.1)), ("per_class", Static::Int(10))]).unwrap();
    assert_eq!((size(&set, "train"), size(&set, "valid"), size(&set, "test")), (100, 144, 360));
    let set = with(&[("class", Static::Int(3))]).unwrap();
    let Values::I32(y) = &set.columns[1].values else { panic!("labels are integers") };
    assert!(set.split("train").unwrap().iter().all(|row| y[row as usize] == 3));
    let seen: Vec<i32> = set.split("test").unwrap().iter().map(|row| y[row as usize]).collect();
    assert!((0..10).all(|class| seen.contains(&class)));
}

#[test]
fn shuffled_labels_leave_the_test_rows_alone() {
    let fields = [image(Support::Interval(0.0, 1.0)), label(10)];
    let labels = |args: &[(&str, Static)]| {
        let set = digits(args, &fields).unwrap();
        let Values::I32(y) = &set.columns[1].values else { panic!("labels are integers") };
        (set.clone(), y.clone())
    };
    let (set, own) = labels(&[]);
    let (_, drawn) = labels(&[("labels", text("shuffled"))]);
    let kept = |split: &str| {
        let rows = set.split(split).unwrap();
        let same = |row: &u32| own[*row as usize] == drawn[*row as usize];
        rows.iter().filter(same).count() as f64 / rows.len() as f64
    };
    assert_eq!(kept("test"), 1.0);
    assert!((0.05..0.15).contains(&kept("train")), "{}", kept("train"));
    let (_, other) = labels(&[("labels", text("shuffled")), ("seed", Static::Int(1))]);
    assert_ne!(drawn, other);
}

#[test]
fn the_class_of_a_row_is_one_field() {
    let class = ("class", Static::Int(1));
    let error = digits(std::slice::from_ref(&class), &[image(Support::Real)]).unwrap_err();
    assert_eq!(error.code, codes::RL2074);
    let column = |name: &str, values| RawColumn {
        name: name.into(),
        values: Raw { shape: vec![4], elements: Elements::I32(values) },
        grey: None,
    };
    let table = || Table {
        splits: vec![("train".into(), vec![0, 1, 2, 3])],
        ..Table::new(vec![column("a", vec![0, 0, 1, 1]), column("b", vec![1, 0, 1, 0])], true)
    };
    let index = |name: &str| field(name, DType::I32, &[], Support::Index(2));
    let fields = [index("a"), index("b")];
    let mut options = Options { class: Some(1), ..Options::default() };
    let error = convert("d", "npz", table(), &options, &fields).unwrap_err();
    assert_eq!(error.help, ["say which: `label = \"a\"`"]);
    options.label = Some("b".into());
    let set = convert("d", "npz", table(), &options, &fields).unwrap();
    assert!(set.split("train").unwrap().iter().eq([0, 2]));
    options.label = Some("c".into());
    assert_eq!(convert("d", "npz", table(), &options, &fields).unwrap_err().code, codes::RL2074);
}
