//! Tables: what is read, what is refused.

use super::*;
use crate::runtime::damage::{cuts, flips};

fn asked(header: Option<bool>) -> Ask {
    Ask { header, ..Ask::default() }
}

fn shown(sheet: &Sheet) -> String {
    let columns: Vec<String> = sheet
        .columns
        .iter()
        .map(|column| {
            let cell = |at| match column.get(at) {
                Some(x) if x.is_nan() => "-".to_string(),
                _ => column.show(at),
            };
            (0..column.len()).map(cell).collect::<Vec<_>>().join(" ")
        })
        .collect();
    let header = sheet.header.as_ref().map_or(String::new(), |h| format!("{h:?} "));
    format!("{header}{} lines {:?}", columns.join(" | "), sheet.lines)
}

fn one(bytes: &[u8], ask: &Ask) -> Result<Sheet, Diagnostic> {
    let text = Text { bytes, path: "f" };
    read(&[text], ask, &Wanted::default()).map(|mut sheets| sheets.remove(0))
}

fn outcome(text: &[u8], ask: &Ask) -> String {
    match one(text, ask) {
        Ok(sheet) => shown(&sheet),
        Err(error) => format!("{} {}", error.code.name(), error.message),
    }
}

#[test]
fn tables() {
    for (text, expected) in [
        (&b"1,2\n3,4\n"[..], "1 3 | 2 4 lines [1, 2]"),
        (b"a,b\r\n3, 4", "[\"a\", \"b\"] 3 | 4 lines [2]"),
        (b"\xef\xbb\xbf1\n-2e-1\n", "1 -0.2 lines [1, 2]"),
        (b"\xef\xbb\xbfa,b\r\n1,2\r\n\r\n\r\n3,4\r\n\r\n", "[\"a\", \"b\"] 1 3 | 2 4 lines [2, 5]"),
        (b"1,2\r3,4\r", "1 3 | 2 4 lines [1, 2]"),
        (b"\"a,b\",c\n\"1\",\" 2 \"\n", "[\"a,b\", \"c\"] 1 | 2 lines [2]"),
        (b"a,b\n\"x\ny\",1\nz,2\n", "[\"a\", \"b\"] x\ny z | 1 2 lines [2, 4]"),
        (b"a,b\n1,\n?,NA\nnan,3\n", "[\"a\", \"b\"] 1 - - | - - 3 lines [2, 3, 4]"),
        (b"a,b\nTrue,no\nfalse,yes\n", "[\"a\", \"b\"] 1 0 | no yes lines [2, 3]"),
        (b"5.1,setosa\n4.9,\n", "5.1 4.9 | setosa - lines [1, 2]"),
        (
            b"9007199254740993\n-9223372036854775808\n",
            "9007199254740993 -9223372036854775808 lines [1, 2]",
        ),
        (b"16777217\n3.0\n1e3\n", "16777217 3 1000 lines [1, 2, 3]"),
        (b"x;y\n1,5;2\n", "[\"x\", \"y\"] 1.5 | 2 lines [2]"),
        (b"1  2\n3 4\n", "1 3 | 2 4 lines [1, 2]"),
        (b"1,2\n   \n3,4\n  \n", "1 3 | 2 4 lines [1, 3]"),
        (b"inf,1\n2,3\n", "inf 2 | 1 3 lines [1, 2]"),
        (b"x,y\n1,1\n2,false\n0,TRUE\n", "[\"x\", \"y\"] 1 2 0 | 1 0 1 lines [2, 3, 4]"),
        (b"true\nfalse\n", "1 0 lines [1, 2]"),
        (b"x\n1\n\"\"\n\n  \n\"  \"\n3\n", "[\"x\"] 1 - - 3 lines [2, 3, 6, 7]"),
        (b"x,y\n1,5\" pipe\n2,b\n", "[\"x\", \"y\"] 1 2 | 5\" pipe b lines [2, 3]"),
        (b"c0;c1\n26;tru\n5;\"a\nb\"\n", "[\"c0\", \"c1\"] 26 5 | tru a\nb lines [2, 3]"),
        (b"x, t\n1, \"a, b\"\n2,\"a, b\"\n", "[\"x\", \"t\"] 1 2 | a, b a, b lines [2, 3]"),
        (b"1e400\n1\n", "1e400 1 lines [1, 2]"),
    ] {
        assert_eq!(outcome(text, &Ask::default()), expected, "{}", String::from_utf8_lossy(text));
    }
    let skip = Ask { skip: 1, ..Ask::default() };
    assert_eq!(outcome(b"junk\rx,y\r1,2\r", &skip), "[\"x\", \"y\"] 1 | 2 lines [3]");
    let sheet = one(b"569,30,m\n1;2\n3;4\n", &Ask { skip: 1, ..Ask::default() }).unwrap();
    assert_eq!(shown(&sheet), "1 3 | 2 4 lines [2, 3]");
    assert_eq!(sheet.found.as_deref(), Some("cells are separated by `;`"));
    let ask = Ask { sep: Some(';'), decimal: Some(','), ..Ask::default() };
    assert_eq!(outcome(b"1,234;2\n3;4\n", &ask), "1.234 3 | 2 4 lines [1, 2]");
}

/// A text has no checksum: cut anywhere or with a changed byte, a table is refused, or reads with all
/// of its rows whole.
#[test]
fn every_cut_and_every_flip_is_refused_or_reads() {
    for whole in [&b"a,b\n1.5,2\n-3,4e1\n"[..], b"a;b\n\"x\";2,5\n?;4\n"] {
        let flipped = flips(whole).map(|(_, bytes)| bytes);
        for bytes in cuts(whole).map(<[u8]>::to_vec).chain(flipped) {
            match one(&bytes, &Ask::default()) {
                Ok(sheet) => {
                    let rows = sheet.lines.len();
                    assert!(sheet.columns.iter().all(|c| c.len() == rows), "{bytes:?}");
                }
                Err(error) => assert!(error.code.name().starts_with("RL20"), "{bytes:?}"),
            }
        }
    }
}

#[test]
fn refused() {
    for (text, header, expected) in [
        (&b"1,2\n3\n"[..], None, "RL2020 `f`: line 2: expected 2 cells, found 1"),
        (b"1,2\n\n3,4\n5\n", None, "RL2020 `f`: line 4: expected 2 cells, found 1"),
        (b"", None, "RL2020 `f`: no rows"),
        (b"a,b\n", None, "RL2020 `f`: no rows"),
        (b"1,\"2\n3,4\n", None, "RL2021 `f`: line 1: a quote is not closed"),
        (
            b"1,2\n",
            Some(true),
            "RL2026 `f`: line 1: a header was announced, but every cell is a number",
        ),
        (
            b"a,b\n1,2\n",
            Some(false),
            "RL2026 `f`: line 1: no header was announced, but it has words above numbers",
        ),
        (b"a,b\n1,\xe9\n", None, "RL2027 `f`: byte 6: not UTF-8 text"),
        (b"\xff\xfea\0\n\0", None, "RL2027 `f`: not UTF-8 text, but UTF-16 as it seems"),
        (
            b"label,0,1\n7,2,3\n",
            None,
            "RL2026 `f`: line 1: `label` stands above numbers; is the line a header?",
        ),
        (b"a;b;c\n1;2;3\n4;5\n", None, "RL2020 `f`: line 3: expected 3 cells, found 2"),
    ] {
        assert_eq!(outcome(text, &asked(header)), expected);
    }
    assert_eq!(outcome(b"a,b\nc,d\n", &asked(Some(false))), "a c | b d lines [1, 2]");
    let wide = "1,".repeat(MOST_COLUMNS + 1);
    assert!(outcome(wide.as_bytes(), &Ask::default()).starts_with("RL2024"));
    let long = format!("1\n{}\n", "9".repeat(2000));
    assert!(outcome(long.as_bytes(), &Ask::default()).starts_with("RL2024"));
}

#[test]
fn a_column_that_no_field_reads_may_hold_any_text() {
    use super::super::FieldSpec;
    use crate::graph::DType;
    use crate::model::ir::{Support, Type};
    let real = Type {
        dtype: DType::F32,
        shape: vec![],
        support: Support::Real,
        varies: true,
        ends: false,
    };
    let field = |name: &str| [FieldSpec { name: name.into(), ty: real.clone() }];
    let bytes = format!("x,t\n1,{}\n", "a".repeat(2000)).into_bytes();
    for (name, expected) in [("x", "ok"), ("t", "RL2024")] {
        let fields = field(name);
        let wanted = Wanted { fields: &fields, ..Wanted::default() };
        let found = read(&[Text { bytes: &bytes, path: "f" }], &Ask::default(), &wanted);
        assert_eq!(found.map_or_else(|error| error.code.name(), |_| "ok"), expected, "{name}");
    }
}
