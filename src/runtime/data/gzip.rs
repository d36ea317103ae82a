//! Inflating gzip and raw deflate with a cap. In: bytes and the number of bytes that may come out.
//! Out: the bytes, or a diagnostic. Trusts no size that a header states.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::memory;
use crate::base::{Diagnostic, codes};
use flate2::bufread::{DeflateDecoder, MultiGzDecoder};
use std::io::{ErrorKind, Read};

/// Whether the bytes open like a gzip file.
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// Inflates a gzip file of one or several members; their CRCs and lengths are checked, nothing else
/// may follow.
pub fn gunzip(bytes: &[u8], cap: usize, path: &str) -> Result<Vec<u8>, Diagnostic> {
    read_capped(&mut MultiGzDecoder::new(bytes), cap, path)
}

/// The first `n` bytes of a gzip file, or fewer if it holds fewer. For looking at headers.
pub fn peek(bytes: &[u8], n: usize) -> Vec<u8> {
    let mut head = Vec::new();
    // A damaged file yields what comes before the damage; the full read reports it.
    let _ = MultiGzDecoder::new(bytes).take(n as u64).read_to_end(&mut head);
    head
}

/// Inflates raw deflate data, as in a zip member.
pub fn inflate(bytes: &[u8], cap: usize, path: &str) -> Result<Vec<u8>, Diagnostic> {
    read_capped(&mut DeflateDecoder::new(bytes), cap, path)
}

/// The first `n` bytes of raw deflate data, or fewer if it holds fewer.
pub fn inflate_head(bytes: &[u8], n: usize) -> Vec<u8> {
    let mut head = Vec::new();
    let _ = DeflateDecoder::new(bytes).take(n as u64).read_to_end(&mut head);
    head
}

/// Reads until the end or until `cap + 1` bytes have come out.
fn read_capped(decoder: &mut impl Read, cap: usize, path: &str) -> Result<Vec<u8>, Diagnostic> {
    let mut out = Vec::new();
    let mut chunk = [0u8; 1 << 16];
    loop {
        let n = match decoder.read(&mut chunk) {
            Ok(0) => return Ok(out),
            Ok(n) => n,
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            Err(e) => return Err(damaged(path, out.len(), &e)),
        };
        if n > cap - out.len() {
            let text = format!("`{path}`: inflates to more than the expected {cap} bytes");
            return Err(Diagnostic::new(codes::RL2007, text));
        }
        // The machine is asked again whenever so much more has come out.
        if (out.len() + n) >> 26 > out.len() >> 26 {
            memory::room(out.len().max(1 << 26), path)?;
        }
        let room = out.try_reserve(n);
        if room.is_err() {
            let text = format!("`{path}`: no memory for more than {} bytes", out.len());
            return Err(Diagnostic::new(codes::RL2007, text));
        }
        out.extend(chunk.iter().take(n));
    }
}

fn damaged(path: &str, after: usize, error: &std::io::Error) -> Diagnostic {
    let what = if error.kind() == ErrorKind::UnexpectedEof {
        "the compressed data is cut off".to_string()
    } else {
        format!("the compressed data is damaged ({error})")
    };
    Diagnostic::new(codes::RL2006, format!("`{path}`: {what} after {after} inflated bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn members_follow_each_other_and_nothing_else_does() {
        let two = [packed(b"x,y\n1,2\n"), packed(b"3,4\n")].concat();
        assert_eq!(gunzip(&two, 12, "f").unwrap(), b"x,y\n1,2\n3,4\n");
        assert_eq!(gunzip(&two, 11, "f").unwrap_err().code, codes::RL2007);
        assert_eq!(peek(&two, 10), b"x,y\n1,2\n3,");
        let junk = [&two[..], b"junk"].concat();
        assert_eq!(gunzip(&junk, 99, "f").unwrap_err().code, codes::RL2006);
        assert_eq!(gunzip(&two[..two.len() - 1], 99, "f").unwrap_err().code, codes::RL2006);
    }
}
