//! A text piece by piece. In: bytes in memory or in a file. Out: pieces that end where tokens end, so
//! that a text of any length is read in little memory.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::decode::{Text, bad, decoded};
use super::tokens::Unit;
use crate::base::{Diagnostic, codes};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// Bytes that are read at once.
const PIECE: usize = 1 << 20;
/// A word in a file is at most so long.
const MOST_WORD: usize = 1 << 24;

/// A text and where it comes from.
#[derive(Debug)]
pub struct Input {
    /// Its path, for messages.
    pub path: String,
    /// What it holds.
    pub bytes: Bytes,
}

/// The bytes of a text.
#[derive(Debug)]
pub enum Bytes {
    /// All of them.
    Read(Vec<u8>),
    /// They stay in their file.
    Stored(Stored),
}

/// An open file of a known length.
#[derive(Debug)]
pub struct Stored {
    file: Mutex<File>,
    /// How many bytes it had when it was opened.
    pub len: u64,
    /// When it had been written to last.
    written: Option<SystemTime>,
}

impl Stored {
    /// A file that has been opened.
    pub fn new(file: File, len: u64) -> Stored {
        let written = file.metadata().and_then(|meta| meta.modified()).ok();
        Stored { file: Mutex::new(file), len, written }
    }

    /// Whether it has been written to since.
    pub fn is_changed(&self) -> bool {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let now = file.metadata().map(|meta| (meta.len(), meta.modified().ok()));
        now.is_ok_and(|(len, written)| len != self.len || written != self.written)
    }

    /// Adds the bytes from `at` on to a buffer, `most` or as many as the file had.
    pub fn read(&self, at: u64, most: usize, to: &mut Vec<u8>) -> std::io::Result<()> {
        let most = self.len.saturating_sub(at).min(most as u64);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(at))?;
        let read = Read::by_ref(&mut *file).take(most).read_to_end(to)?;
        if read as u64 == most { Ok(()) } else { Err(std::io::ErrorKind::UnexpectedEof.into()) }
    }
}

impl Input {
    /// How many bytes there are.
    pub fn bytes(&self) -> u64 {
        match &self.bytes {
            Bytes::Read(bytes) => bytes.len() as u64,
            Bytes::Stored(stored) => stored.len,
        }
    }

    /// Calls a function with every piece of the text and the place of its first byte.
    ///
    /// # Errors
    /// Bytes that are no UTF-8 text, a file that cannot be read, what the function says.
    pub fn pieces(
        &self,
        unit: Unit,
        with: impl FnMut(&str, u64) -> Result<(), Diagnostic>,
    ) -> Result<(), Diagnostic> {
        self.pieces_of(PIECE, unit, with).map_err(|error| match error.code == codes::RL2027 {
            true => {
                let help = "convert it: `iconv -f latin1 -t utf-8 in.txt > out.txt`; or read bytes: \
                            `tokens = \"byte\"`";
                error.help(help)
            }
            false => error,
        })
    }

    fn pieces_of(
        &self,
        piece: usize,
        unit: Unit,
        mut with: impl FnMut(&str, u64) -> Result<(), Diagnostic>,
    ) -> Result<(), Diagnostic> {
        let stored = match &self.bytes {
            Bytes::Read(bytes) => {
                let text = decoded(&Text { bytes, path: &self.path })?;
                return with(text, (bytes.len() - text.len()) as u64);
            }
            Bytes::Stored(stored) => stored,
        };
        let (mut buffer, mut start) = (Vec::new(), 0u64);
        while start < stored.len || start == 0 {
            let have = start + buffer.len() as u64;
            stored.read(have, piece, &mut buffer).map_err(|error| self.unread(&error))?;
            let is_last = start + buffer.len() as u64 == stored.len;
            let text = self.valid(&buffer, (start, is_last))?;
            let end = if is_last { text.len() } else { ends(text, unit) };
            if end == 0 && buffer.len() > MOST_WORD {
                return Err(self.endless());
            }
            let piece = text.get(..end).unwrap_or_default();
            let marked = start == 0 && piece.starts_with('\u{feff}');
            let mark = if marked { '\u{feff}'.len_utf8() } else { 0 };
            with(piece.get(mark..).unwrap_or_default(), start + mark as u64)?;
            buffer.drain(..end);
            start += end as u64;
            if is_last {
                break;
            }
        }
        Ok(())
    }

    /// The text at the start of some bytes; the last character may still be cut.
    fn valid<'b>(
        &self,
        bytes: &'b [u8],
        (start, is_last): (u64, bool),
    ) -> Result<&'b str, Diagnostic> {
        let error = match std::str::from_utf8(bytes) {
            Ok(text) => return Ok(text),
            Err(error) => error,
        };
        if error.error_len().is_none() && !is_last {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            return Ok(std::str::from_utf8(valid).unwrap_or_default());
        }
        if start == 0 {
            // UTF-16 has a message of its own.
            decoded(&Text { bytes, path: &self.path })?;
        }
        let text = format!("byte {}: not UTF-8 text", start + error.valid_up_to() as u64);
        Err(bad(codes::RL2027, &self.path, text))
    }

    fn unread(&self, error: &std::io::Error) -> Diagnostic {
        Diagnostic::new(codes::RL2073, format!("cannot read `{}`: {error}", self.path))
    }

    fn endless(&self) -> Diagnostic {
        let text = format!("`{}`: a word of more than {MOST_WORD} bytes", self.path);
        Diagnostic::new(codes::RL2073, text).help("read characters: `tokens = \"char\"`")
    }
}

/// Where the last whole token of a text ends, if more of it follows.
fn ends(text: &str, unit: Unit) -> usize {
    match unit {
        Unit::Word => text.rfind(char::is_whitespace).unwrap_or(0),
        _ => text.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::dice::Dice;
    use std::io::Write;

    fn stored(bytes: &[u8]) -> Input {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        let bytes = Bytes::Stored(Stored::new(file, bytes.len() as u64));
        Input { path: "t.txt".into(), bytes }
    }

    #[test]
    fn pieces_make_up_the_text() {
        let letters = ["a", "é", "\u{10348}", " ", "\n", "\u{2003}", "b", "\u{feff}"];
        for seed in 0..300 {
            let mut dice = Dice::new(1, "pieces", seed);
            let length = dice.below(60);
            let text: String = (0..length).map(|_| letters[dice.below(8) as usize]).collect();
            let plain = text.strip_prefix('\u{feff}').unwrap_or(&text);
            let words: Vec<&str> = plain.split_whitespace().collect();
            for unit in [Unit::Char, Unit::Word] {
                for piece in [1, 2, 3, 7, 100] {
                    let (mut all, mut found) = (String::new(), Vec::new());
                    let input = stored(text.as_bytes());
                    let each = |piece: &str, at: u64| {
                        assert_eq!(&text[at as usize..][..piece.len()], piece);
                        all.push_str(piece);
                        found.extend(piece.split_whitespace().map(String::from));
                        Ok(())
                    };
                    input.pieces_of(piece, unit, each).unwrap();
                    assert_eq!(all, plain, "{text:?} by {piece}");
                    assert!(unit == Unit::Char || found == words, "{text:?} by {piece}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_text_is_told_where_it_stands() {
        for (bytes, place) in [(&b"ab\xffc"[..], 2), (b"abcdef\xc3", 6), (b"\xe2\x82", 0)] {
            for piece in [1, 2, 100] {
                let error = stored(bytes).pieces_of(piece, Unit::Char, |_, _| Ok(())).unwrap_err();
                assert_eq!(error.message, format!("`t.txt`: byte {place}: not UTF-8 text"));
            }
        }
        let wide = b"\xff\xfea\0b\0";
        let error = stored(wide).pieces(Unit::Char, |_, _| Ok(())).unwrap_err();
        assert!(error.message.contains("UTF-16"));
        let nothing = |piece: &str, _| {
            assert_eq!(piece, "");
            Ok(())
        };
        stored(b"").pieces(Unit::Word, nothing).unwrap();
    }
}
