//! How a table of text is written. In: the text, what the call says. Out: the separator, the decimal
//! mark, and whether either was found in the text rather than said. Reads no cell for its value.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::quotes;
use crate::base::{Diagnostic, codes};

/// What a call says of the dialect.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ask {
    /// Whether the first line holds names.
    pub header: Option<bool>,
    /// What stands between cells.
    pub sep: Option<char>,
    /// The decimal mark.
    pub decimal: Option<char>,
    /// Lines left out at the top.
    pub skip: usize,
}

/// The dialect of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dialect {
    /// What stands between cells; a space stands for any number of them.
    pub sep: char,
    /// The decimal mark.
    pub decimal: char,
}

/// Words for characters that are hard to write.
const NAMES: &[(&str, char)] = &[
    ("comma", ','),
    ("semicolon", ';'),
    ("tab", '\t'),
    ("space", ' '),
    ("bar", '|'),
    ("point", '.'),
];
/// What may stand between cells, as it is tried.
const SEPARATORS: &[char] = &[';', '\t', '|', ','];
/// Reals are exact whole numbers up to here.
const MOST_WHOLE: f64 = 9_007_199_254_740_992.0;
/// The dialect is found in so many lines.
const SAMPLE: usize = 200;

/// The character that a text means: itself, or its name.
pub fn character(text: &str) -> Option<char> {
    let named = NAMES.iter().find(|(name, _)| *name == text).map(|(_, c)| *c);
    let mut chars = text.chars();
    let own = chars.next().filter(|c| c.is_ascii() && chars.next().is_none());
    named.or(if text == "\\t" { Some('\t') } else { own })
}

/// How a character is named in messages.
fn name(c: char) -> String {
    match NAMES.iter().find(|(_, known)| *known == c && c.is_whitespace()) {
        Some((name, _)) => (*name).to_string(),
        None => format!("`{c}`"),
    }
}

impl Dialect {
    /// The dialect of a text whose first lines have been left out.
    pub fn of(text: &str, ask: &Ask, path: &str) -> Result<Dialect, Diagnostic> {
        let sep = ask.sep.unwrap_or_else(|| separator(text, ask.decimal));
        let decimal = match ask.decimal {
            Some(decimal) => decimal,
            None if sep == ',' => '.',
            None => decimal_mark(&quotes::rows(text, sep, SAMPLE), path)?,
        };
        if sep == decimal && ask.sep.is_some() && !text.contains('"') {
            let text = format!("`{path}`: `{sep}` cannot both separate cells and mark decimals");
            return Err(Diagnostic::new(codes::RL2066, text).help("write `sep = \";\"`"));
        }
        Ok(Dialect { sep, decimal })
    }

    /// What was found in the text and is not the common case.
    pub fn found(&self, ask: &Ask, text: &str) -> Option<String> {
        let several = || quotes::rows(text, self.sep, SAMPLE).iter().any(|row| row.len() > 1);
        let sep = (ask.sep.is_none() && self.sep != ',' && several())
            .then(|| format!("cells are separated by {}", name(self.sep)));
        let mark = (ask.decimal.is_none() && self.decimal != '.')
            .then(|| format!("the decimal mark is {}", name(self.decimal)));
        let parts: Vec<String> = sep.into_iter().chain(mark).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// A number; `None` if the cell is not one, or is one that no real is near to.
    pub fn number(&self, cell: &str) -> Option<f64> {
        let digits = || cell.bytes().any(|b| b.is_ascii_digit());
        self.numeral(cell).filter(|x| x.is_finite() || !digits())
    }

    /// A number of any size.
    pub fn numeral(&self, cell: &str) -> Option<f64> {
        if self.decimal == '.' {
            return cell.parse().ok();
        }
        if cell.contains('.') {
            return None;
        }
        cell.replace(self.decimal, ".").parse().ok()
    }

    /// A whole number, exact: of digits only, or written as a real up to 2^53.
    pub fn whole(&self, cell: &str) -> Option<i64> {
        let exact = |x: &f64| x.fract() == 0.0 && x.abs() <= MOST_WHOLE;
        cell.parse().ok().or_else(|| self.number(cell).filter(exact).map(|x| x as i64))
    }
}

/// The character that stands in every row equally often and marks no decimals; in case of doubt a
/// comma, or a semicolon where a comma cannot be it.
fn separator(text: &str, decimal: Option<char>) -> char {
    let cut = |sep: char| quotes::rows(text, sep, SAMPLE);
    // Decimal commas in quotes leave the others free to separate.
    let quoted = |c: &&str| has_comma(c.trim().trim_matches('"')).is_some() && c.contains('"');
    let free = |sep: char| Some(sep) != decimal || cut(sep).iter().flatten().any(quoted);
    let tried: Vec<(char, Vec<Vec<&str>>)> =
        SEPARATORS.iter().filter(|sep| free(**sep)).map(|sep| (*sep, cut(*sep))).collect();
    let fallback = if decimal == Some(',') { ';' } else { ',' };
    let even = |rows: &[Vec<&str>]| {
        let first = rows.first().map_or(0, Vec::len);
        first > 1 && rows.iter().all(|row| row.len() == first)
    };
    // A comma inside of a cell has to be a decimal mark, if commas could separate cells too.
    let mark =
        |c: &&str| !c.contains(',') || c.trim().starts_with('"') || has_comma(c.trim()).is_some();
    let commas = tried.iter().any(|(sep, rows)| *sep == ',' && even(rows));
    let fits = |(sep, rows): &&(char, Vec<Vec<&str>>)| {
        even(rows) && (*sep == ',' || !commas || rows.iter().flatten().all(mark))
    };
    if let Some((sep, _)) = tried.iter().find(fits) {
        return *sep;
    }
    if by_spaces(text, |line| {
        tried.iter().any(|(sep, _)| quotes::rows(line, *sep, 1).iter().any(|row| row.len() > 1))
    }) {
        return ' ';
    }
    // Rows of different lengths still show what separates them, where no comma does.
    let ragged = |(_, rows): &&(char, Vec<Vec<&str>>)| rows.iter().all(|row| row.len() > 1);
    let comma = tried.iter().any(|(sep, rows)| *sep == ',' && rows.iter().any(|r| r.len() > 1));
    match tried.iter().find(ragged) {
        Some((sep, _)) if !comma => *sep,
        _ => fallback,
    }
}

/// Whether spaces separate cells: as many in every line, numbers below the first one.
fn by_spaces(text: &str, other: impl Fn(&str) -> bool) -> bool {
    let lines: Vec<&str> =
        text.split(['\n', '\r']).filter(|l| !l.trim().is_empty()).take(SAMPLE).collect();
    let words = |line: &&str| line.split_whitespace().count();
    let first = lines.first().map_or(0, &words);
    let number = |cell: &str| cell.replace(',', ".").parse::<f64>().is_ok();
    first > 1
        && !lines.iter().any(|line| other(line))
        && lines.iter().all(|line| words(line) == first)
        && lines.iter().skip(1).all(|line| line.split_whitespace().any(number))
}

/// Digits behind the comma of a number such as `-1,25`.
fn has_comma(cell: &str) -> Option<usize> {
    let (whole, part) = cell.trim_start_matches(['-', '+']).split_once(',')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let part = part.split(['e', 'E']).next().unwrap_or_default();
    ((whole.is_empty() || digits(whole)) && digits(part)).then_some(part.len())
}

/// A comma if numbers have one and none has a point.
fn decimal_mark(rows: &[Vec<&str>], path: &str) -> Result<char, Diagnostic> {
    let mut with_comma = Vec::new();
    for cell in rows.iter().flatten() {
        let cell = cell.trim().trim_matches('"');
        if cell.contains('.') && cell.parse::<f64>().is_ok() {
            return Ok('.');
        }
        with_comma.extend(has_comma(cell).map(|digits| (cell, digits)));
    }
    match with_comma.first() {
        None => Ok('.'),
        // One thousand two hundred, or a little more than one?
        Some((cell, _)) if with_comma.iter().all(|(_, digits)| *digits == 3) => {
            let text = format!("`{path}`: the comma of `{cell}` may be a decimal mark or not");
            Err(Diagnostic::new(codes::RL2022, text)
                .help("if it is, write `decimal = \",\"`; else take the commas out of the file"))
        }
        Some(_) => Ok(','),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> String {
        match Dialect::of(text, &Ask::default(), "f") {
            Ok(Dialect { sep, decimal }) => format!("{sep}{decimal}"),
            Err(error) => error.code.name().into(),
        }
    }

    #[test]
    fn what_a_text_shows() {
        for (text, expected) in [
            ("1,2\n3,4\n", ",."),
            ("1\n2\n", ",."),
            ("a;b\n1;2\n", ";."),
            ("a;b\n1,5;2\n", ";,"),
            ("1,5;2,25\n3,5;4,5\n", ";,"),
            ("1.5;2\n3;4\n", ";."),
            ("1,234;5,678\n", "RL2022"),
            ("a\tb\n1,5\t2\n", "\t,"),
            ("a|b\n1|2\n", "|."),
            ("a b\n1   2\n", " ."),
            ("1,2,a;b\n3,4,c;d\n", ",."),
            ("1,\"a;b\"\n2,\"c;d\"\n", ",."),
            ("the cat\nsat down\n", ",."),
            ("1,2\n3\n", ",."),
            ("a;b\n1;\"x\ny\"\n", ";."),
            ("a;b;c\n1;2;3\n4;5\n", ";."),
            ("x;y\n7;2\n,5;3\n", ";,"),
            ("x;y\n1;5\" pipe\n2;b\n", ";."),
        ] {
            assert_eq!(found(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_decimal_comma_separates_nothing() {
        let ask = Ask { decimal: Some(','), ..Ask::default() };
        for (text, expected) in [
            ("1,5\n2,5\n", ';'),
            ("1,5 2\n2,5 3\n", ' '),
            ("1,5;2\n", ';'),
            ("x,y\n\"1,5\",2\n3,\"4,25\"\n", ','),
        ] {
            let found = Dialect::of(text, &ask, "f").unwrap();
            assert_eq!(found, Dialect { sep: expected, decimal: ',' }, "{text:?}");
        }
    }

    #[test]
    fn names_of_characters() {
        for (text, expected) in [
            ("tab", Some('\t')),
            ("\\t", Some('\t')),
            (";", Some(';')),
            ("comma", Some(',')),
            ("ab", None),
            ("", None),
        ] {
            assert_eq!(character(text), expected, "{text:?}");
        }
    }
}
