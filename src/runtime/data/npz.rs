//! The npz format of NumPy: a zip archive of npy members. In: bytes. Out: named arrays; and back.
//!
//! Only what NumPy writes is accepted: stored or deflated members with plain names, found through
//! the central directory. No member is ever written to disk. Sizes stated by the archive serve as
//! caps, never as reservations; the array's own header decides how much may be inflated.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::raw::{Elements, Raw, bytes_at};
use super::{gzip, npy};
use crate::base::{Code, Diagnostic, codes};
use flate2::Crc;

const END: &[u8] = b"PK\x05\x06";
const ENTRY: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";
/// More members than this are refused.
const MOST_MEMBERS: usize = 1024;

/// Reads every member, in the order of the archive. Names lose their `.npy`.
pub fn read(
    bytes: &[u8],
    path: &str,
    skip: impl Fn(&str) -> bool,
) -> Result<Vec<(String, Raw)>, Diagnostic> {
    let entries = directory(bytes, path)?;
    check_overlap(&entries, path)?;
    let mut arrays = Vec::new();
    for entry in &entries {
        let inside = format!("{path}/{}", entry.name);
        let packed = entry.packed(bytes, path)?;
        let plain = entry.unpack(packed, &inside)?;
        match npy::read(&plain, &inside) {
            Err(error) if error.code == codes::RL2011 && skip(entry.array_name()) => {}
            array => arrays.push((entry.array_name().to_string(), array?)),
        }
    }
    Ok(arrays)
}

/// A row of the central directory.
struct Entry {
    name: String,
    method: u16,
    crc: u32,
    packed_len: usize,
    plain_len: usize,
    local: usize,
}

impl Entry {
    fn array_name(&self) -> &str {
        self.name.strip_suffix(".npy").unwrap_or(&self.name)
    }

    /// The compressed bytes, found through the local header.
    fn packed<'a>(&self, bytes: &'a [u8], path: &str) -> Result<&'a [u8], Diagnostic> {
        let lost = || forged(path, &self.name, "its local header is not where it should be");
        let head = bytes.get(self.local..).filter(|b| b.starts_with(LOCAL)).ok_or_else(lost)?;
        let name_len = u16_at(head, 26).ok_or_else(lost)?;
        let extra_len = u16_at(head, 28).ok_or_else(lost)?;
        let start = 30 + usize::from(name_len) + usize::from(extra_len);
        let name = head.get(30..30 + usize::from(name_len));
        if name != Some(self.name.as_bytes()) {
            return Err(forged(path, &self.name, "its two headers name different members"));
        }
        head.get(start..)
            .and_then(|rest| rest.get(..self.packed_len))
            .ok_or_else(|| forged(path, &self.name, "it runs past the end of the file"))
    }

    fn unpack(&self, packed: &[u8], path: &str) -> Result<Vec<u8>, Diagnostic> {
        let plain = match self.method {
            0 => packed.to_vec(),
            8 => {
                let head = gzip::inflate_head(packed, npy::HEAD.min(self.plain_len));
                let expected = npy::file_len(&head, path)?;
                gzip::inflate(packed, expected, path)?
            }
            other => {
                let text = format!("`{path}`: compression method {other} is not supported");
                return Err(Diagnostic::new(codes::RL2015, text));
            }
        };
        if plain.len() != self.plain_len {
            let text = format!(
                "`{path}`: the archive states {} bytes, found {}",
                self.plain_len,
                plain.len()
            );
            return Err(Diagnostic::new(codes::RL2016, text));
        }
        let mut crc = Crc::new();
        crc.update(&plain);
        if crc.sum() != self.crc {
            let text =
                format!("`{path}`: checksum {:08x} expected, {:08x} found", self.crc, crc.sum());
            return Err(Diagnostic::new(codes::RL2016, text));
        }
        Ok(plain)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes_at::<2>(bytes, at).map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    bytes_at::<4>(bytes, at).map(|b| u32::from_le_bytes(b) as usize)
}

/// Reads the central directory.
fn directory(bytes: &[u8], path: &str) -> Result<Vec<Entry>, Diagnostic> {
    let not_zip = || bad(codes::RL2013, path, "no zip directory found");
    // The end record has a comment of at most 65,535 bytes after its 22.
    let from = bytes.len().saturating_sub(22 + 65_535);
    let tail = bytes.get(from..).unwrap_or_default();
    let end = tail.windows(4).rposition(|w| w == END).map(|at| from + at).ok_or_else(not_zip)?;
    let record = (u16_at(bytes, end + 10), u32_at(bytes, end + 16), u16_at(bytes, end + 20));
    // The last number is the length of a comment: with it, the record is whole.
    let (Some(count), Some(mut at), Some(_)) = record else { return Err(not_zip()) };
    let count = usize::from(count);
    if count > MOST_MEMBERS {
        let text = format!("{count} members, at most {MOST_MEMBERS} are read");
        return Err(bad(codes::RL2013, path, text));
    }
    let mut entries: Vec<Entry> = Vec::new();
    for _ in 0..count {
        let (entry, next) = entry(bytes, at, path)?;
        if entries.iter().any(|e| e.array_name() == entry.array_name()) {
            let text = format!("member `{}` stands in the archive twice", entry.name);
            return Err(bad(codes::RL2014, path, text));
        }
        entries.push(entry);
        at = next;
    }
    Ok(entries)
}

fn entry(bytes: &[u8], at: usize, path: &str) -> Result<(Entry, usize), Diagnostic> {
    let cut = || bad(codes::RL2013, path, format!("byte {at}: the zip directory is damaged"));
    let head = bytes.get(at..).filter(|b| b.starts_with(ENTRY)).ok_or_else(cut)?;
    let short = |offset| u16_at(head, offset).ok_or_else(cut);
    let long = |offset| u32_at(head, offset).ok_or_else(cut);
    let (flags, method) = (short(8)?, short(10)?);
    let (name_len, extra_len, comment_len) = (short(28)?, short(30)?, short(32)?);
    let raw_name = head.get(46..46 + usize::from(name_len)).ok_or_else(cut)?;
    let name = check_name(raw_name, path)?;
    if flags & 0x2041 != 0 {
        return Err(bad(codes::RL2015, path, format!("member `{name}` is encrypted")));
    }
    let (packed_len, plain_len, local) = (long(20)?, long(24)?, long(42)?);
    if [packed_len, plain_len, local].contains(&0xffff_ffff) {
        let text = format!("member `{name}` is over 4 GiB, which is not supported");
        return Err(bad(codes::RL2015, path, text));
    }
    let crc = long(16)? as u32;
    let length = 46 + [name_len, extra_len, comment_len].map(usize::from).iter().sum::<usize>();
    Ok((Entry { name, method, crc, packed_len, plain_len, local }, at + length))
}

/// Accepts plain member names only: no folders, no drive letters, no control characters.
fn check_name(name: &[u8], path: &str) -> Result<String, Diagnostic> {
    let text = String::from_utf8_lossy(name).into_owned();
    let plain = !text.is_empty()
        && !text.contains(['/', '\\', ':', '\u{fffd}'])
        && !text.chars().any(char::is_control)
        && text != "."
        && text != "..";
    if plain {
        return Ok(text);
    }
    let shown: String = text.chars().take(80).collect();
    let text = format!("member name `{}` is refused", shown.escape_debug());
    Err(bad(codes::RL2014, path, text).help("member names are plain words: `x.npy`"))
}

/// Members that share bytes are a way to make a small archive inflate to a huge one.
fn check_overlap(entries: &[Entry], path: &str) -> Result<(), Diagnostic> {
    let mut spans: Vec<(usize, usize, &str)> = entries
        .iter()
        .map(|e| (e.local, e.local + 30 + e.name.len() + e.packed_len, e.name.as_str()))
        .collect();
    spans.sort_unstable();
    for pair in spans.windows(2) {
        if let [(_, end, _), (start, _, name)] = pair
            && start < end
        {
            return Err(forged(path, name, "it overlaps another member"));
        }
    }
    Ok(())
}

fn forged(path: &str, name: &str, why: &str) -> Diagnostic {
    bad(codes::RL2016, path, format!("member `{name}`: {why}"))
}

fn bad(code: Code, path: &str, text: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::new(code, format!("`{path}`: {text}"))
}

/// The bytes of an npz file. Members are stored, in the order given, with the zip epoch as their
/// time, so that equal arrays make equal files.
pub fn write(arrays: &[(String, Vec<usize>, Elements)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, shape, elements) in arrays {
        let body = npy::write(shape, elements);
        let mut crc = Crc::new();
        crc.update(&body);
        let name = format!("{name}.npy");
        let (offset, size) = (bytes.len() as u32, body.len() as u32);
        // Version 20, no flags, stored, 1980-01-01 00:00.
        let mut common = Vec::new();
        [20u16, 0, 0, 0, 0x21].iter().for_each(|v| common.extend(v.to_le_bytes()));
        [crc.sum(), size, size].iter().for_each(|v| common.extend(v.to_le_bytes()));
        [name.len() as u16, 0].iter().for_each(|v| common.extend(v.to_le_bytes()));
        bytes.extend([LOCAL, &common, name.as_bytes(), &body].concat());
        directory.extend([ENTRY, &20u16.to_le_bytes(), &common].concat());
        // Comment length, disk, internal and external attributes.
        directory.extend([0u8; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (start, count) = (bytes.len() as u32, arrays.len() as u16);
    let size = directory.len() as u32;
    bytes.extend(directory);
    bytes.extend([END, &[0; 4], &count.to_le_bytes(), &count.to_le_bytes()].concat());
    bytes.extend([size.to_le_bytes(), start.to_le_bytes()].concat());
    bytes.extend([0, 0]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn all(bytes: &[u8], path: &str) -> Result<Vec<(String, Raw)>, Diagnostic> {
        read(bytes, path, |_| false)
    }

    fn sample() -> Vec<(String, Vec<usize>, Elements)> {
        vec![
            ("x".into(), vec![2, 2], Elements::F32(vec![1.0, 2.0, 3.0, 4.0])),
            ("y".into(), vec![2], Elements::I32(vec![0, 9])),
        ]
    }

    fn code(bytes: &[u8]) -> String {
        all(bytes, "f").map_or_else(|d| d.code.name().to_string(), |_| "read".into())
    }

    /// An archive with one member; `plain_len` and `crc` as a forger likes them.
    fn archive(name: &str, method: u16, flags: u16, body: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut crc = Crc::new();
        crc.update(plain);
        let mut common = Vec::new();
        [20u16, flags, method, 0, 0x21].iter().for_each(|v| common.extend(v.to_le_bytes()));
        let sizes = [crc.sum(), body.len() as u32, plain.len() as u32];
        sizes.iter().for_each(|v| common.extend(v.to_le_bytes()));
        [name.len() as u16, 0].iter().for_each(|v| common.extend(v.to_le_bytes()));
        let mut bytes = [LOCAL, &common, name.as_bytes(), body].concat();
        let start = bytes.len() as u32;
        bytes.extend([ENTRY, &20u16.to_le_bytes(), &common, &[0; 14]].concat());
        bytes.extend(name.as_bytes());
        let size = bytes.len() as u32 - start;
        bytes.extend([END, &[0, 0, 0, 0, 1, 0, 1, 0]].concat());
        bytes.extend([size.to_le_bytes(), start.to_le_bytes()].concat());
        bytes.extend([0, 0]);
        bytes
    }

    fn deflate(plain: &[u8]) -> Vec<u8> {
        let mut out = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        out.write_all(plain).unwrap();
        out.finish().unwrap()
    }

    #[test]
    fn what_we_write_reads_back() {
        let arrays = all(&write(&sample()), "f").unwrap();
        assert_eq!(arrays.len(), 2);
        assert_eq!(arrays[0].0, "x");
        assert_eq!(arrays[1].1.elements, Elements::I32(vec![0, 9]));
    }

    #[test]
    fn deflated_members() {
        let plain = npy::write(&[3], &Elements::U8(vec![1, 2, 3]));
        let arrays = all(&archive("a.npy", 8, 0, &deflate(&plain), &plain), "f").unwrap();
        assert_eq!(arrays[0].1.elements, Elements::U8(vec![1, 2, 3]));
    }

    #[test]
    fn refused() {
        let plain = npy::write(&[3], &Elements::U8(vec![1, 2, 3]));
        for name in ["../x.npy", "/etc/x.npy", "C:\\x.npy", "a\nb.npy", "..", ""] {
            assert_eq!(code(&archive(name, 0, 0, &plain, &plain)), "RL2014", "{name}");
        }
        assert_eq!(code(&archive("a.npy", 0, 1, &plain, &plain)), "RL2015");
        assert_eq!(code(&archive("a.npy", 12, 0, &plain, &plain)), "RL2015");
        let other = npy::write(&[3], &Elements::U8(vec![1, 2, 4]));
        assert_eq!(code(&archive("a.npy", 0, 0, &plain, &other)), "RL2016");
        assert_eq!(code(&archive("a.npy", 0, 0, &plain, b"short")), "RL2016");
        let mut twice = sample();
        twice[1].0 = "x".into();
        assert_eq!(code(&write(&twice)), "RL2014");
        assert_eq!(code(b"not a zip"), "RL2013");
    }

    #[test]
    fn a_bomb_stops_at_the_size_of_the_array() {
        let mut bomb = npy::write(&[3], &Elements::U8(vec![1, 2, 3]));
        bomb.resize(50_000_000, 0);
        assert_eq!(code(&archive("a.npy", 8, 0, &deflate(&bomb), &bomb)), "RL2007");
    }

    #[test]
    fn overlapping_members_are_refused() {
        let mut bytes = write(&sample());
        // Point the second directory entry at the first member.
        let at = bytes.windows(4).rposition(|w| w == ENTRY).unwrap() + 42;
        bytes[at..at + 4].copy_from_slice(&[0; 4]);
        assert_eq!(code(&bytes), "RL2016");
    }

    #[test]
    fn every_prefix_and_flip_is_handled() {
        let whole = write(&sample());
        for n in 0..whole.len() {
            assert!(all(&whole[..n], "f").is_err(), "prefix {n}");
        }
        let good = all(&whole, "f").unwrap();
        for at in 0..whole.len() {
            for mask in [0x01, 0x80, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] ^= mask;
                // A flip is refused or hits something that carries no data (times, versions).
                if let Ok(arrays) = all(&bytes, "f") {
                    let same = arrays.iter().zip(&good).all(|(a, b)| a.1 == b.1);
                    assert!(same, "flip of byte {at} changed values");
                }
            }
        }
    }
}
