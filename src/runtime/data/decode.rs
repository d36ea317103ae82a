//! From the bytes of a text file to its characters. In: bytes and their path. Out: UTF-8 text, or a
//! message that says how to convert the file. Reads no line of it.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use crate::base::{Code, Diagnostic, codes};

/// A text and where it comes from.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    /// What the file holds.
    pub bytes: &'a [u8],
    /// Its path, for messages.
    pub path: &'a str,
}

/// The text of a file, without the mark that some programs put at its start.
pub fn decoded<'a>(Text { bytes, path }: &Text<'a>) -> Result<&'a str, Diagnostic> {
    let marked = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let zeros = bytes.iter().take(64).filter(|byte| **byte == 0).count();
    if marked || (zeros > 0 && zeros * 3 >= bytes.len().min(64)) {
        let error = bad(codes::RL2027, path, "not UTF-8 text, but UTF-16 as it seems");
        return Err(error.help("convert it: `iconv -f utf-16 -t utf-8 in.csv > out.csv`"));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(e) => {
            let text = format!("byte {}: not UTF-8 text", e.valid_up_to());
            Err(bad(codes::RL2027, path, text))
        }
    }
}

/// A message about a file.
pub fn bad(code: Code, path: &str, text: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::new(code, format!("`{path}`: {text}"))
}
