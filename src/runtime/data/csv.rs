//! Tables of numbers as text. In: bytes. Out: one array of all cells, and the header if there is
//! one. Refuses what is not a number, by row and column; both count from 1, the header included.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::raw::Elements;
use crate::base::{Code, Diagnostic, codes};

/// More columns than this are refused.
const MOST_COLUMNS: usize = 100_000;
/// A longer cell is refused.
const MOST_CELL: usize = 1 << 10;

/// A parsed table.
#[derive(Clone, Debug, PartialEq)]
pub struct Cells {
    /// Names of the columns, if the first line is a header.
    pub header: Option<Vec<String>>,
    /// Number of columns.
    pub columns: usize,
    /// Number of rows without the header.
    pub rows: usize,
    /// Row after row.
    pub values: Vec<f32>,
}

impl Cells {
    /// The values of some columns, row after row.
    pub fn pick(&self, columns: &[usize]) -> Elements {
        let rows = self.values.chunks_exact(self.columns.max(1));
        let cells = rows.flat_map(|row| columns.iter().filter_map(|c| row.get(*c).copied()));
        Elements::F32(cells.collect())
    }
}

/// Reads a table. `header`: as stated by the user, or `None` to see whether the first line has a
/// cell that is not a number.
pub fn read(bytes: &[u8], header: Option<bool>, path: &str) -> Result<Cells, Diagnostic> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        Err(e) => {
            let text = format!("byte {}: not UTF-8 text", e.valid_up_to());
            return Err(bad(codes::RL2027, path, text));
        }
    };
    check_quotes(text, path)?;
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.has_headers(false).flexible(true).trim(csv::Trim::All);
    let mut cells = Cells { header: None, columns: 0, rows: 0, values: Vec::new() };
    for (row, record) in reader.from_reader(text.as_bytes()).records().enumerate() {
        let record =
            record.map_err(|e| bad(codes::RL2021, path, format!("row {}: {e}", row + 1)))?;
        if row == 0 {
            cells.columns = record.len();
            check_columns(record.len(), path)?;
            if takes_header(&record, header, path)? {
                cells.header = Some(record.iter().map(str::to_string).collect());
                continue;
            }
        }
        if record.len() != cells.columns {
            let text = format!(
                "row {}: expected {} cells, found {}",
                row + 1,
                cells.columns,
                record.len()
            );
            return Err(bad(codes::RL2020, path, text));
        }
        for (column, cell) in record.iter().enumerate() {
            cells.values.push(number(cell, row + 1, column + 1, path)?);
        }
        cells.rows += 1;
    }
    if cells.rows == 0 {
        return Err(bad(codes::RL2020, path, "no rows"));
    }
    Ok(cells)
}

/// The `csv` crate closes an open quote at the end of the file, so it is counted here.
fn check_quotes(text: &str, path: &str) -> Result<(), Diagnostic> {
    let mut opened = None;
    for (line, content) in text.lines().enumerate() {
        for _ in content.matches('"') {
            opened = if opened.is_none() { Some(line + 1) } else { None };
        }
    }
    match opened {
        Some(line) => Err(bad(codes::RL2021, path, format!("row {line}: a quote is not closed"))),
        None => Ok(()),
    }
}

fn check_columns(found: usize, path: &str) -> Result<(), Diagnostic> {
    if found <= MOST_COLUMNS {
        return Ok(());
    }
    let text = format!("row 1: {found} columns, at most {MOST_COLUMNS} are read");
    Err(bad(codes::RL2024, path, text))
}

/// Whether the first record is a header.
fn takes_header(
    record: &csv::StringRecord,
    stated: Option<bool>,
    path: &str,
) -> Result<bool, Diagnostic> {
    let words = record.iter().any(|cell| !cell.is_empty() && cell.parse::<f64>().is_err());
    match stated {
        Some(true) if !words => {
            let text = "row 1: a header was announced, but every cell is a number";
            Err(bad(codes::RL2026, path, text).help("write `header = false`"))
        }
        Some(false) if words && record.iter().all(|cell| cell.parse::<f64>().is_err()) => {
            let text = "row 1: no header was announced, but no cell is a number";
            Err(bad(codes::RL2026, path, text).help("write `header = true`"))
        }
        Some(stated) => Ok(stated),
        // Without a statement, a row of words only is a header; a row with one bad cell is not.
        None => Ok(words && record.iter().all(|cell| cell.parse::<f64>().is_err())),
    }
}

fn number(cell: &str, row: usize, column: usize, path: &str) -> Result<f32, Diagnostic> {
    let place = format!("{row}:{column}");
    if cell.is_empty() {
        return Err(bad(codes::RL2023, path, format!("{place}: the cell is empty")));
    }
    if cell.len() > MOST_CELL {
        let text = format!("{place}: a cell of {} bytes", cell.len());
        return Err(bad(codes::RL2024, path, text));
    }
    let Ok(value) = cell.parse::<f64>() else {
        let shown: String = cell.chars().take(40).collect();
        let text = format!("{place}: expected a number, found `{}`", shown.escape_debug());
        let error = bad(codes::RL2022, path, text);
        let hint = cell.contains(',').then_some("write numbers without thousands separators");
        return Err(hint.into_iter().fold(error, Diagnostic::help));
    };
    if !(value as f32).is_finite() {
        return Err(bad(codes::RL2025, path, format!("{place}: `{cell}` is not a finite number")));
    }
    Ok(value as f32)
}

fn bad(code: Code, path: &str, text: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::new(code, format!("`{path}`: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::damage::{cuts, flips};

    fn outcome(text: &[u8], header: Option<bool>) -> String {
        match read(text, header, "f") {
            Ok(cells) => format!("{}x{} {:?}", cells.rows, cells.columns, cells.values),
            Err(error) => format!("{} {}", error.code.name(), error.message),
        }
    }

    #[test]
    fn tables() {
        assert_eq!(outcome(b"1,2\n3,4\n", None), "2x2 [1.0, 2.0, 3.0, 4.0]");
        assert_eq!(outcome(b"a,b\r\n3, 4", None), "1x2 [3.0, 4.0]");
        assert_eq!(outcome(b"\xef\xbb\xbf1\n-2e-1\n", Some(false)), "2x1 [1.0, -0.2]");
        let cells = read(b"a,b,c\n1,2,3\n4,5,6\n", Some(true), "f").unwrap();
        assert_eq!(cells.pick(&[2, 0]), Elements::F32(vec![3.0, 1.0, 6.0, 4.0]));
    }

    /// A text has no checksum: cut anywhere or with a changed byte, a table is refused, or reads with
    /// all of its rows whole.
    #[test]
    fn every_cut_and_every_flip_is_refused_or_reads() {
        let whole = b"a,b\n1.5,2\n-3,4e1\n";
        let flipped = flips(whole).map(|(_, bytes)| bytes);
        for bytes in cuts(whole).map(<[u8]>::to_vec).chain(flipped) {
            match read(&bytes, None, "f") {
                Ok(cells) => assert_eq!(cells.values.len(), cells.rows * cells.columns),
                Err(error) => assert!(error.code.name().starts_with("RL20"), "{bytes:?}"),
            }
        }
    }

    #[test]
    fn refused() {
        for (text, header, expected) in [
            (&b"1,2\n3\n"[..], None, "RL2020 `f`: row 2: expected 2 cells, found 1"),
            (b"", None, "RL2020 `f`: no rows"),
            (b"1,\"2\n3,4\n", None, "RL2021 `f`: row 1: a quote is not closed"),
            (b"1,2\n3,x\n", None, "RL2022 `f`: 2:2: expected a number, found `x`"),
            (b"1\n\"1,234\"\n", None, "RL2022 `f`: 2:1: expected a number, found `1,234`"),
            (b"1,2\n3,\n", None, "RL2023 `f`: 2:2: the cell is empty"),
            (b"1,2\n3,NaN\n", None, "RL2025 `f`: 2:2: `NaN` is not a finite number"),
            (b"1,1e99\n", None, "RL2025 `f`: 1:2: `1e99` is not a finite number"),
            (
                b"1,2\n",
                Some(true),
                "RL2026 `f`: row 1: a header was announced, but every cell is a number",
            ),
            (
                b"a,b\n",
                Some(false),
                "RL2026 `f`: row 1: no header was announced, but no cell is a number",
            ),
            (b"a,b\n1,\xe9\n", None, "RL2027 `f`: byte 6: not UTF-8 text"),
        ] {
            assert_eq!(outcome(text, header), expected);
        }
        let wide = "1,".repeat(MOST_COLUMNS + 1);
        assert!(outcome(wide.as_bytes(), None).starts_with("RL2024"));
        let long = format!("1\n{}\n", "9".repeat(2000));
        assert!(outcome(long.as_bytes(), None).starts_with("RL2024"));
    }
}
