//! Where the cells and the rows of a text end. In: a text and what stands between its cells. Out:
//! its first rows, cell by cell with their quotes, and a quote that is never closed. A quote opens a
//! cell only at the cell's start; anywhere else it is a character like others.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use std::borrow::Cow;

/// What a character ends.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Nothing,
    Cell,
    Row,
}

/// Where in a cell a reader is.
#[derive(Clone, Copy, PartialEq)]
enum At {
    Start,
    Plain,
    Quoted,
    /// Behind a quote that closed the cell, or is the first of two that stand for one.
    Closed,
}

impl At {
    fn step(&mut self, c: char, sep: char) -> End {
        let (at, end) = match (*self, c) {
            // Spaces before a quote belong to no cell.
            (At::Start, ' ') if sep != ' ' => (At::Start, End::Nothing),
            (At::Start | At::Closed, '"') => (At::Quoted, End::Nothing),
            (At::Quoted, '"') => (At::Closed, End::Nothing),
            (At::Quoted, _) => (At::Quoted, End::Nothing),
            (_, c) if c == sep => (At::Start, End::Cell),
            (_, '\n' | '\r') => (At::Start, End::Row),
            _ => (At::Plain, End::Nothing),
        };
        *self = at;
        end
    }
}

/// The first rows of a text that are not empty, as cells.
pub fn rows(text: &str, sep: char, most: usize) -> Vec<Vec<&str>> {
    let (mut rows, mut row, mut start, mut at) = (Vec::new(), Vec::new(), 0, At::Start);
    let ended = text.char_indices().chain([(text.len(), '\n')]);
    for (place, c) in ended {
        let end = if place == text.len() { End::Row } else { at.step(c, sep) };
        if end == End::Nothing {
            continue;
        }
        row.push(text.get(start..place).unwrap_or_default());
        start = place + c.len_utf8();
        let cells: Vec<&str> = if end == End::Row { std::mem::take(&mut row) } else { continue };
        if cells.len() > 1 || cells.iter().any(|cell| !cell.trim().is_empty()) {
            rows.push(cells);
        }
        if rows.len() == most {
            break;
        }
    }
    rows
}

/// The text without spaces that stand before a quote which opens a cell.
pub fn tight(text: &str, sep: char) -> Cow<'_, str> {
    let (mut out, mut kept, mut spaces, mut at) = (String::new(), 0, 0, At::Start);
    for (place, c) in text.char_indices() {
        let was = at;
        at.step(c, sep);
        if spaces > 0 && was == At::Start && at == At::Quoted {
            out.push_str(text.get(kept..place - spaces).unwrap_or_default());
            kept = place;
        }
        spaces = if at == At::Start && c == ' ' { spaces + 1 } else { 0 };
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    Cow::Owned(out + text.get(kept..).unwrap_or_default())
}

/// The line, from 0, of a quote that is never closed.
pub fn open(text: &str, sep: char) -> Option<usize> {
    let (mut at, mut line, mut opened, mut before) = (At::Start, 0, 0, ' ');
    for c in text.chars() {
        let was = at;
        at.step(c, sep);
        if at == At::Quoted && was == At::Start {
            opened = line;
        }
        line += usize::from(c == '\r' || (c == '\n' && before != '\r'));
        before = c;
    }
    (at == At::Quoted).then_some(opened)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_and_quotes() {
        for (text, expected) in [
            ("a,b\n1,2\n", "a|b / 1|2"),
            ("a,\"b,c\"\r\n\r\n1,\"x\ny\"", "a|\"b,c\" / 1|\"x\ny\""),
            ("1,5\" pipe\n2,\"a\"\"b,\"\n", "1|5\" pipe / 2|\"a\"\"b,\""),
            ("\"\"\n  \n1", "\"\" / 1"),
            ("\"a\"b\",c\n", "\"a\"b\"|c"),
        ] {
            let rows: Vec<String> = rows(text, ',', 9).iter().map(|row| row.join("|")).collect();
            assert_eq!(rows.join(" / "), expected, "{text:?}");
            assert_eq!(open(text, ','), None, "{text:?}");
        }
        assert_eq!(tight("a, b\n1,  \"c, \"\n \"d\",2", ','), "a, b\n1,\"c, \"\n\"d\",2");
        assert!(matches!(tight("a, b\n1, \n", ','), Cow::Borrowed(_)));
        assert_eq!(open("a\r\nb,\"c\nd", ','), Some(1));
        assert_eq!(open("\"a\"\"\n", ','), Some(0));
    }
}
