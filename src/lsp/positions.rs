//! Places of the protocol. In: lines and columns in UTF-16 units, as editors count. Out: bytes of a text, and
//! back. A place beyond a line or a text is its end; one inside of a character is its start.

use crate::base::Span;
use lsp_types::{Position, Range};

/// Where the lines of a text start. A line ends with `\n`, `\r\n` or `\r`.
#[derive(Clone, Debug)]
pub struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    /// Of a text.
    pub fn new(text: &str) -> Lines {
        let bytes = text.as_bytes();
        let ends = |at: &usize| match bytes[*at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        let starts = (0..bytes.len()).filter(ends).map(|at| at + 1);
        Lines { starts: [0].into_iter().chain(starts).collect() }
    }

    /// The byte of a place.
    pub fn offset(&self, text: &str, place: Position) -> usize {
        let Some(start) = self.starts.get(place.line as usize).copied() else { return text.len() };
        let line = self.line(text, place.line as usize);
        let mut units = 0;
        for (at, c) in line.char_indices() {
            units += c.len_utf16();
            if units > place.character as usize {
                return start + at;
            }
        }
        start + line.len()
    }

    /// The text of a line without its end.
    fn line<'a>(&self, text: &'a str, line: usize) -> &'a str {
        let end = self.starts.get(line + 1).copied().unwrap_or(text.len());
        text[self.starts[line]..end].trim_end_matches(['\n', '\r'])
    }

    /// The place of a byte.
    pub fn position(&self, text: &str, offset: usize) -> Position {
        let offset = text.floor_char_boundary(offset.min(text.len()));
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        let before = &text[self.starts[line]..offset];
        let units: usize = before.chars().map(char::len_utf16).sum();
        Position { line: line as u32, character: units as u32 }
    }

    /// The places of a run of bytes.
    pub fn range(&self, text: &str, start: usize, end: usize) -> Range {
        Range { start: self.position(text, start), end: self.position(text, end) }
    }

    /// The bytes of two places; empty where they are in the wrong order.
    pub fn bytes(&self, text: &str, range: Range) -> std::ops::Range<usize> {
        let start = self.offset(text, range.start);
        start..self.offset(text, range.end).max(start)
    }
}

/// The places of a span in its text.
pub fn range_of(text: &str, span: Span) -> Range {
    Lines::new(text).range(text, span.start as usize, span.end as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn columns_are_units_of_sixteen_bits() {
        // One, two, three and four bytes; one, one, one and two units.
        let text = "a\u{e4}\u{20ac}\u{1f600}b\r\n\u{1f600}x\ry";
        let lines = Lines::new(text);
        let places = [
            (0, at(0, 0)),
            (1, at(0, 1)),
            (3, at(0, 2)),
            (6, at(0, 3)),
            (10, at(0, 5)),
            (11, at(0, 6)),
            (13, at(1, 0)),
            (17, at(1, 2)),
            (19, at(2, 0)),
            (20, at(2, 1)),
        ];
        for (offset, place) in places {
            assert_eq!(lines.position(text, offset), place);
            assert_eq!(lines.offset(text, place), offset);
        }
        // Inside of a character, behind a line, behind the text.
        assert_eq!(lines.offset(text, at(0, 4)), 6);
        assert_eq!(lines.position(text, 8), at(0, 3));
        assert_eq!(lines.offset(text, at(0, 99)), 11);
        assert_eq!(lines.offset(text, at(9, 0)), text.len());
        assert_eq!(lines.position(text, 99), at(2, 1));
    }

    #[test]
    fn every_byte_of_a_text_has_a_place() {
        let text = "x \u{20ac}\n\n\u{1f600}\u{1f600}\r\n\t\u{e4}\r";
        let lines = Lines::new(text);
        for (offset, c) in text.char_indices().chain([(text.len(), ' ')]) {
            // Between the two bytes of the end of a line is the line's end.
            let inside = c == '\n' && text[..offset].ends_with('\r');
            let back = lines.offset(text, lines.position(text, offset));
            assert_eq!(back, if inside { offset - 1 } else { offset }, "{offset}");
        }
    }
}
