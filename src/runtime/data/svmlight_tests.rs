//! Sparse rows: what is read, what is refused, what fields make of it.

use super::*;
use crate::model::ir::{Source, Static, Type};
use crate::runtime::damage::{cuts, flips};
use crate::runtime::data::kept::Kept;
use crate::runtime::data::open::Root;
use crate::runtime::data::{Dataset, Values, convert, pairs};
use std::fmt::Write;

fn shown(sheet: &Sheet) -> String {
    let mut text = String::new();
    for RawColumn { name, values, .. } in &sheet.columns {
        write!(text, "{name}").unwrap();
        for row in 0..values.rows() {
            let width = values.width();
            let cells = (row * width..(row + 1) * width).map(|at| values.elements.show(at));
            write!(text, " {}", cells.collect::<Vec<_>>().join(",")).unwrap();
        }
        text += " | ";
    }
    write!(text, "lines {:?} first {}", sheet.lines, sheet.first.unwrap()).unwrap();
    sheet.found.iter().for_each(|found| write!(text, " | {found}").unwrap());
    text
}

fn outcome(texts: &[&[u8]], ask: &Ask, fields: &[FieldSpec]) -> String {
    let paths = ["f", "g", "h"];
    let texts: Vec<Text> =
        texts.iter().zip(paths).map(|(bytes, path)| Text { bytes, path }).collect();
    match read(&texts, ask, &Wanted { data: "d", fields, kept: &[] }) {
        Ok(sheet) => shown(&sheet),
        Err(error) => {
            assert!(!error.hints().is_empty(), "{}", error.message);
            format!("{} {}", error.code.name(), error.message)
        }
    }
}

fn field(name: &str, support: Support, shape: &[usize]) -> FieldSpec {
    let whole = matches!(support, Support::Index(_) | Support::Integer);
    let dtype = if whole { DType::I32 } else { DType::F32 };
    FieldSpec {
        name: name.into(),
        ty: Type { dtype, shape: shape.to_vec(), support, varies: true, ends: false },
    }
}

/// Texts without fields: the width is found.
#[test]
fn texts() {
    let found = " | `f`: the largest index makes rows of 3 values";
    for (text, expected) in [
        (&b"1 1:2 3:4\n0 2:5"[..], "point 2,0,4 0,5,0 | label 1 0 | lines [[1, 2]] first 1"),
        (b"1 3:4 1:2\r\n0 2:5\r\n", "point 2,0,4 0,5,0 | label 1 0 | lines [[1, 2]] first 1"),
        (b"1 1:2 3:4\r0 2:5\r", "point 2,0,4 0,5,0 | label 1 0 | lines [[1, 2]] first 1"),
        (
            b"\xef\xbb\xbf# all\n\n+1\t3:1  # 2:5\n  \n -1 # none\n-1# 4:1\n",
            "point 0,0,1 0,0,0 0,0,0 | label 1 -1 -1 | lines [[3, 5, 6]] first 1",
        ),
        (
            b"2.5 1:.5 2:-1e-1\n1e2 3:7\n",
            "point 0.5,-0.1,0 0,0,7 | label 2.5 100 | lines [[1, 2]] first 1",
        ),
        (
            b"? 1:nan 2:NA\n1 3:inf\n",
            "point NaN,NaN,0 0,0,inf | label NaN 1 | lines [[1, 2]] first 1",
        ),
        (
            b"1 1:9007199254740993\n9223372036854775807 003:-1\n",
            "point 9007199254740993,0,0 0,0,-1 | label 1 9223372036854775807 | lines [[1, 2]] first 1",
        ),
        (b"1 1:256\n2 3:-0\n", "point 256,0,0 0,0,0 | label 1 2 | lines [[1, 2]] first 1"),
        (b"1 1:16777217.5 3:1\n", "point 16777217.5,0,1 | label 1 | lines [[1]] first 1"),
        (b"1 1:33554433 3:0.5\n", "point 33554433,0,0.5 | label 1 | lines [[1]] first 1"),
    ] {
        let expected = format!("{expected}{found}");
        let text_shown = String::from_utf8_lossy(text);
        assert_eq!(outcome(&[text], &Ask::default(), &[]), expected, "{text_shown}");
    }
}

#[test]
fn several_texts_are_read_as_one() {
    let texts: &[&[u8]] = &[b"1 1:2\n", b"2 2:0.5\n0 \n", b"5 0:300\n"];
    assert_eq!(
        outcome(texts, &Ask::default(), &[]),
        "point 0,2,0 0,0,0.5 0,0,0 300,0,0 | label 1 2 0 5 | lines [[1], [1, 2], [1]] first 0 | \
         `h`: indices count from 0, since line 1 has the index 0 | \
         `g`: the largest index makes rows of 3 values"
    );
    let ask = Ask { width: Some(4), first: Some(0) };
    assert_eq!(
        outcome(&texts[..2], &ask, &[]),
        "point 0,2,0,0 0,0,0.5,0 0,0,0,0 | label 1 2 0 | lines [[1], [1, 2]] first 0"
    );
}

#[test]
fn mistakes() {
    let of = |width| [field("x", Support::Real, &[width]), field("y", Support::Real, &[])];
    let said = |width, first| Ask { width, first };
    for (text, ask, expected) in [
        ("", Ask::default(), "RL2020 `f`: no rows"),
        ("# 1 1:1\n\n", Ask::default(), "RL2020 `f`: no rows"),
        ("1 1:1\na 1:1\n", Ask::default(), "RL2028 `f`: line 2: expected a number, found `a`"),
        ("1 1:1\n1:1 2:1\n", Ask::default(), "RL2028 `f`: line 2: no label in front of `1:1`"),
        ("1,3 5:1\n", Ask::default(), "RL2028 `f`: line 1: several labels, `1,3`; one is read"),
        (
            "3 qid:3 1:1\n",
            Ask::default(),
            "RL2028 `f`: line 1: `qid:3` is a query of a ranking, and none is read",
        ),
        ("1 2\n", Ask::default(), "RL2028 `f`: line 1: expected `index:value`, found `2`"),
        ("1 :2\n", Ask::default(), "RL2028 `f`: line 1: expected `index:value`, found `:2`"),
        ("1 +1:2\n", Ask::default(), "RL2028 `f`: line 1: expected `index:value`, found `+1:2`"),
        ("1 -1:2\n", Ask::default(), "RL2028 `f`: line 1: expected `index:value`, found `-1:2`"),
        ("1 1:2:3\n", Ask::default(), "RL2028 `f`: line 1: expected a number, found `2:3`"),
        ("1 1:\n", Ask::default(), "RL2028 `f`: line 1: expected a number, found ``"),
        ("1 1:0,5\n", Ask::default(), "RL2028 `f`: line 1: expected a number, found `0,5`"),
        ("1 1:1e400\n", Ask::default(), "RL2025 `f`: line 1: `1e400` is beyond the range of f32"),
        ("1 1:1\n\n1 2:1 1:1 2:3\n", Ask::default(), "RL2028 `f`: line 3: index 2 stands twice"),
        ("1 2:1 02:1\n", Ask::default(), "RL2028 `f`: line 1: index 2 stands twice"),
        (
            "1 1:1\n1 0:1\n",
            said(None, Some(1)),
            "RL2029 `f`: line 2: index 0, and indices count from 1, as `first = 1` says",
        ),
        (
            "1 1000001:1\n",
            Ask::default(),
            "RL2029 `f`: line 1: index 1000001, at most 1000000 are read",
        ),
        (
            "1 99999999999999999999999:1\n",
            Ask::default(),
            "RL2029 `f`: line 1: index 99999999999999999999999, at most 1000000 are read",
        ),
        (
            "1 4:1\n1 5:1\n",
            Ask::default(),
            "RL2029 `f`: line 2: index 5 is beyond the 3 values of field `x`, and the largest one",
        ),
        (
            "1 0:1\n1 3:1\n",
            Ask::default(),
            "RL2029 `f`: line 2: index 3 is beyond the 3 values of field `x`, and the largest one",
        ),
        (
            "1 3:1\n",
            said(Some(2), None),
            "RL2029 `f`: line 1: index 3 is beyond `width = 2`, and the largest one",
        ),
        (
            "1 2:1\n\u{fffd}\n",
            Ask::default(),
            "RL2028 `f`: line 2: expected a number, found `\u{fffd}`",
        ),
    ] {
        assert_eq!(outcome(&[text.as_bytes()], &ask, &of(3)), expected, "{text}");
    }
    assert_eq!(
        outcome(&[b"1\n2\n"], &Ask::default(), &[]),
        "RL2029 no line has a pair `index:value`"
    );
    let wide = said(Some(pairs::MOST_WIDTH), None);
    let many = b"1\n".repeat(2200);
    assert!(outcome(&[&many], &wide, &[]).starts_with("RL2012"));
    assert!(outcome(&[b"1 1:1\n\xff\n"], &Ask::default(), &[]).starts_with("RL2027"));
}

/// Both columns may have one value: the fields say which is which.
#[test]
fn fields_say_what_they_read() {
    let (f1, f0) = (field("x", Support::Real, &[1]), field("r", Support::Real, &[]));
    let class = field("y", Support::Index(3), &[]);
    let old = field("t", Support::Integer, &[1]);
    for (fields, expected) in [
        (vec![&f1, &f0], "point 5 | label 2 |"),
        (vec![&f0, &f1], "label 2 | point 5 |"),
        (vec![&f1, &class], "point 5 | label 2 |"),
        (vec![&class, &f1], "label 2 | point 5 |"),
        (vec![&class, &f0], "label 2 | point 5 |"),
        (vec![&f0, &class], "point 5 | label 2 |"),
        (vec![&old, &class], "point 5 | label 2 |"),
        (vec![&old, &f1], "label 2 | point 5 |"),
        (vec![&f1], "point 5 |"),
        (vec![&class], "label 2 |"),
        (vec![&f0], "label 2 |"),
    ] {
        let fields: Vec<FieldSpec> = fields.into_iter().cloned().collect();
        let found = outcome(&[b"2 1:5\n"], &Ask::default(), &fields);
        assert_eq!(found, format!("{expected} lines [[1]] first 1"));
        let set = load("2 1:5\n", "", &fields, &[]).unwrap();
        for column in &set.columns {
            let value = match &column.values {
                Values::F32(x) => x[0],
                Values::I32(x) => x[0] as f32,
                Values::Chance(_) | Values::Made(_) => panic!("no grey levels, no windows"),
            };
            let mut parts = expected.trim_end_matches(" |").split(" | ");
            let at = parts.position(|part| part.ends_with(&format!(" {value}")));
            let own = fields.iter().position(|field| field.name == column.name);
            assert_eq!(at, own, "{expected}");
        }
    }
}

fn load(
    text: &str,
    args: &str,
    fields: &[FieldSpec],
    kept: &[Kept],
) -> Result<Dataset, Diagnostic> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f"), text).unwrap();
    let mut source = Source { name: "svmlight".into(), ..Source::default() };
    source.args = vec![(None, Static::Str("f".into()))];
    for arg in args.split_whitespace() {
        let (name, value) = arg.split_once('=').unwrap();
        source.args.push((Some(name.into()), Static::Int(value.parse().unwrap())));
    }
    source.args.push((Some("split".into()), Static::Float(1.0)));
    let root = Root { folder: folder.path().into(), may_leave: false };
    convert::load("d", &source, &root, fields, kept)
}

/// Labels of classes: indices, counted from 1, or other numbers, as many as there are classes.
#[test]
fn labels_become_indices() {
    let lines = |labels: &str| -> String {
        labels.split_whitespace().fold(String::new(), |text, label| text + label + " 1:1\n")
    };
    for (n, labels, expected) in [
        (3, "0 2 1", "[0, 2, 1]"),
        (3, "1 2", "[1, 2]"),
        (3, "1 3 2", "[0, 2, 1]"),
        (3, "3 3.0 +3", "[2, 2, 2]"),
        (2, "+1 -1 1", "[1, 0, 1]"),
        (2, "1", "[1]"),
        (12, "12 2 10", "[11, 1, 9]"),
        (3, "100 -5 20", "[2, 0, 1]"),
        (3, "0 1 3", "[0, 1, 2]"),
        (2, "1 3 -1", "line 2, column `label`: 3 is not a class of field `y`, declared idx(2)"),
        (3, "0 1 2 3", "line 4, column `label`: 3 is not a class of field `y`, declared idx(3)"),
        (3, "7 1", "line 1, column `label`: 7 is not a class of field `y`, declared idx(3)"),
        (3, "0.5 1", "line 1, column `label`: 0.5 is not an index of field `y`, declared idx(3)"),
        (
            100_000,
            "100000",
            "line 1, column `label`: 100000 is not a class of field `y`, declared idx(100000)",
        ),
        (3, "nan 1", "field `y` has a missing value (1), the first in line 1, column `label`"),
    ] {
        let fields = [field("x", Support::Real, &[2]), field("y", Support::Index(n), &[])];
        let found = match load(&lines(labels), "", &fields, &[]) {
            Ok(set) => match &set.columns[1].values {
                Values::I32(y) => format!("{y:?}"),
                other => panic!("{other:?} of an index"),
            },
            Err(error) => error.message.split_once(": ").unwrap().1.to_string(),
        };
        assert_eq!(found, expected, "{labels} in idx({n})");
    }
}

/// What a run has found of labels and indices holds for other data.
#[test]
fn other_data_is_read_as_the_run_was() {
    let fields = [field("x", Support::Count, &[3]), field("y", Support::Index(3), &[])];
    let set = load("3 0:1\n1 2:5\n", "", &fields, &[]).unwrap();
    let values = |set: &Dataset| {
        let [Values::F32(x), Values::I32(y)] = [&set.columns[0].values, &set.columns[1].values]
        else {
            panic!("counts are reals, classes integers")
        };
        format!("{x:?} {y:?}")
    };
    assert_eq!(values(&set), "[1.0, 0.0, 0.0, 0.0, 0.0, 5.0] [2, 0]");
    assert_eq!(set.facts.fields[1].how(), ["3 labels: 1, 2, 3"]);
    let again = |text: &str, args: &str| load(text, args, &fields, &set.kept);
    assert_eq!(values(&again("2 1:4\n", "").unwrap()), "[0.0, 4.0, 0.0] [1]");
    assert_eq!(values(&again("2 1:4\n", "first=1").unwrap()), "[4.0, 0.0, 0.0] [1]");
    assert_eq!(again("0 1:4\n", "").unwrap_err().code, codes::RL2076);
    let from_one = load("0 1:1\n2 3:5\n", "", &fields, &[]).unwrap();
    let again = |text: &str, args: &str| load(text, args, &fields, &from_one.kept);
    assert_eq!(again("2 0:4\n", "").unwrap_err().code, codes::RL2029);
    assert_eq!(values(&again("2 0:4\n", "first=0").unwrap()), "[4.0, 0.0, 0.0] [2]");
    assert_eq!(again("3 1:4\n", "").unwrap_err().code, codes::RL2005);
    let error = load("1 1:1\n1 3:0.5\n", "", &fields, &[]).unwrap_err();
    assert!(error.message.contains("line 2, column `point`, value 3: 0.5"), "{}", error.message);
}

/// Cut anywhere or with a changed byte, a text is refused, or reads with rows that are whole.
#[test]
fn damage_is_refused_or_reads_whole() {
    let whole = b"# d\n+1 1:0.5 3:2\n-1 2:nan\n";
    let fields = [field("x", Support::Real, &[4]), field("y", Support::Index(2), &[])];
    let damaged = cuts(whole).map(<[u8]>::to_vec).chain(flips(whole).map(|(_, bytes)| bytes));
    let mut read_well = 0;
    for bytes in damaged {
        for fields in [&fields[..], &[]] {
            let ask = Ask { width: Some(4), first: None };
            let texts = [Text { bytes: &bytes, path: "f" }];
            let Ok(sheet) = read(&texts, &ask, &Wanted { fields, ..Wanted::default() }) else {
                continue;
            };
            read_well += 1;
            let rows = sheet.lines[0].len();
            for RawColumn { values, .. } in &sheet.columns {
                assert_eq!(values.rows(), rows);
                assert_eq!(values.elements.len(), rows * values.width());
            }
        }
    }
    assert!(read_well > 20);
}
