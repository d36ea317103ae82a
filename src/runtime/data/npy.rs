//! The npy format of NumPy. In: bytes. Out: an array, always row-major. Never runs a pickle: object
//! arrays are refused by their type. The header is read by a parser of exactly the dictionary that
//! NumPy writes, not by anything that could evaluate Python.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::raw::{Elements, Raw, bytes_at, count};
use crate::base::{Code, Diagnostic, codes};

/// A header longer than this is refused.
const MOST_HEADER: usize = 1 << 16;
/// An array of more bytes than this is refused.
const MOST_BYTES: usize = 1 << 34;
const MAGIC: &[u8] = b"\x93NUMPY";

/// Reads an npy file.
pub fn read(bytes: &[u8], path: &str) -> Result<Raw, Diagnostic> {
    let header = Header::read(bytes, path)?;
    let body = bytes.get(header.body..).unwrap_or_default();
    let Some(expected) = count(&header.shape)
        .and_then(|n| n.checked_mul(header.kind.size))
        .filter(|n| *n <= MOST_BYTES)
    else {
        let text = format!("shape {:?} is more than {MOST_BYTES} bytes", header.shape);
        return Err(bad(codes::RL2012, path, text));
    };
    if body.len() != expected {
        let text = format!(
            "byte {}: expected {expected} bytes for shape {:?}, found {}",
            header.body,
            header.shape,
            body.len()
        );
        return Err(bad(codes::RL2003, path, text));
    }
    let elements = header.kind.decode(body, path)?;
    let elements = if header.fortran { to_row_major(elements, &header.shape) } else { elements };
    Ok(Raw { shape: header.shape, elements })
}

/// Number of bytes that an npy file of this header has; for the cap when it is inflated.
pub fn file_len(head: &[u8], path: &str) -> Result<usize, Diagnostic> {
    let header = Header::read(head, path)?;
    count(&header.shape)
        .and_then(|n| n.checked_mul(header.kind.size))
        .and_then(|n| n.checked_add(header.body))
        .filter(|n| *n <= MOST_BYTES)
        .ok_or_else(|| bad(codes::RL2012, path, format!("shape {:?} is too large", header.shape)))
}

/// Longest prefix that [`file_len`] needs.
pub const HEAD: usize = MOST_HEADER + 12;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Class {
    Bool,
    Unsigned,
    Signed,
    Float,
}

/// An element type: what its bytes mean, how many there are, and whether the first is the highest.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Descr {
    class: Class,
    size: usize,
    big: bool,
}

impl Descr {
    /// The whitelist: order (`|` where there is one byte), class, number of bytes.
    fn from_text(text: &str) -> Option<Descr> {
        let mut letters = text.chars();
        let big = match letters.next()? {
            '<' | '|' => false,
            '>' => true,
            _ => return None,
        };
        let (class, sizes): (Class, &[usize]) = match letters.next()? {
            'b' => (Class::Bool, &[1]),
            'u' => (Class::Unsigned, &[1, 2, 4, 8]),
            'i' => (Class::Signed, &[1, 2, 4, 8]),
            'f' => (Class::Float, &[2, 4, 8]),
            _ => return None,
        };
        let size = [1, 2, 4, 8].into_iter().find(|n| n.to_string() == letters.as_str())?;
        let fits = sizes.contains(&size) && (size == 1 || !text.starts_with('|'));
        fits.then_some(Descr { class, size, big })
    }

    fn decode(self, body: &[u8], path: &str) -> Result<Elements, Diagnostic> {
        let Descr { class, size, big } = self;
        let words = || body.chunks_exact(size).map(|chunk| word(chunk, big));
        Ok(match (class, size) {
            (Class::Bool, _) => Elements::U8(body.iter().map(|b| u8::from(*b != 0)).collect()),
            (Class::Unsigned, 1) => Elements::U8(body.to_vec()),
            (Class::Unsigned, _) => {
                let large = |at| {
                    let text = format!("element {at}, in the order of the file, is above 2^63 - 1");
                    bad(codes::RL2065, path, text)
                };
                let values: Result<Vec<i64>, usize> =
                    words().enumerate().map(|(at, w)| i64::try_from(w).map_err(|_| at)).collect();
                Elements::integers(values.map_err(large)?)
            }
            (Class::Signed, _) => {
                let shift = 64 - 8 * size as u32;
                Elements::integers(words().map(|w| ((w << shift) as i64) >> shift).collect())
            }
            (Class::Float, 2) => Elements::F32(words().map(|w| half(w as u16)).collect()),
            (Class::Float, 4) => Elements::F32(words().map(|w| f32::from_bits(w as u32)).collect()),
            (Class::Float, _) => Elements::reals(words().map(f64::from_bits).collect()),
        })
    }
}

/// Up to eight bytes as a number.
fn word(chunk: &[u8], big: bool) -> u64 {
    let join = |sum: u64, b: &u8| (sum << 8) | u64::from(*b);
    if big { chunk.iter().fold(0, join) } else { chunk.iter().rev().fold(0, join) }
}

/// IEEE 754 binary16.
fn half(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from((bits >> 10) & 31), f32::from(bits & 0x3ff));
    sign * match exponent {
        0 => fraction * 2f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f32.powi(exponent - 15),
    }
}

struct Header {
    kind: Descr,
    fortran: bool,
    shape: Vec<usize>,
    /// Offset of the elements.
    body: usize,
}

impl Header {
    fn read(bytes: &[u8], path: &str) -> Result<Header, Diagnostic> {
        if !bytes.starts_with(MAGIC) {
            return Err(bad(codes::RL2010, path, "byte 0: expected `\\x93NUMPY`"));
        }
        let (version, start, len) = match (bytes_at::<2>(bytes, 6), bytes_at::<2>(bytes, 8)) {
            (Some([1, _]), Some(len)) => (1, 10, u16::from_le_bytes(len) as usize),
            (Some([version @ (2 | 3), _]), _) => match bytes_at::<4>(bytes, 8) {
                Some(len) => (version, 12, u32::from_le_bytes(len) as usize),
                None => return Err(bad(codes::RL2010, path, "the header is cut off")),
            },
            (Some([version, _]), _) => {
                let text = format!("byte 6: version {version} is not 1, 2 or 3");
                return Err(bad(codes::RL2010, path, text));
            }
            _ => return Err(bad(codes::RL2010, path, "the header is cut off")),
        };
        if len > MOST_HEADER {
            let text = format!("byte 8: a header of {len} bytes is over {MOST_HEADER}");
            return Err(bad(codes::RL2010, path, text));
        }
        let body = start + len;
        let Some(text) = bytes.get(start..body) else {
            return Err(bad(codes::RL2010, path, "the header is cut off"));
        };
        let ascii = std::str::from_utf8(text).ok().filter(|t| version == 3 || t.is_ascii());
        let Some(text) = ascii.and_then(|t| t.strip_suffix('\n')) else {
            return Err(bad(codes::RL2010, path, "the header is not ASCII text with a line end"));
        };
        let dict = Dict::parse(text).ok_or_else(|| {
            bad(codes::RL2010, path, "the header is not {'descr', 'fortran_order', 'shape'}")
        })?;
        let Some(kind) = Descr::from_text(&dict.descr) else {
            return Err(refused_type(&dict.descr, path));
        };
        let shape = dict.shape.iter().map(|d| usize::try_from(*d).ok()).collect::<Option<_>>();
        let Some(shape) = shape else {
            return Err(bad(codes::RL2012, path, format!("shape {:?} is not usable", dict.shape)));
        };
        Ok(Header { kind, fortran: dict.fortran, shape, body })
    }
}

fn refused_type(descr: &str, path: &str) -> Diagnostic {
    let shown: String = super::shown(&descr.chars().take(40).collect::<String>());
    let error = bad(codes::RL2011, path, format!("element type `{shown}` is not supported"));
    if descr.contains('O') {
        return error.note("Python objects are never read: loading them can run code");
    }
    if descr.contains(['U', 'S']) {
        return error
            .help("number its words: `np.save(path, np.unique(a, return_inverse=True)[1])`");
    }
    error.help("save it as numbers: `np.save(path, a.astype(\"<f4\"))`")
}

/// The three entries of the header.
struct Dict {
    descr: String,
    fortran: bool,
    shape: Vec<i128>,
}

impl Dict {
    /// Parses `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
    fn parse(text: &str) -> Option<Dict> {
        let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        while !rest.is_empty() {
            let (key, after) = quoted(rest)?;
            let value = after.trim_start().strip_prefix(':')?.trim_start();
            rest = match key {
                "descr" if descr.is_none() => {
                    let (entry, after) = description(value)?;
                    descr = Some(entry);
                    after
                }
                "fortran_order" if fortran.is_none() => {
                    let (entry, after) = boolean(value)?;
                    fortran = Some(entry);
                    after
                }
                "shape" if shape.is_none() => {
                    let (entry, after) = value.strip_prefix('(')?.split_once(')')?;
                    shape = Some(dims(entry)?);
                    after
                }
                _ => return None,
            };
            rest = rest.trim_start();
            rest = match rest.strip_prefix(',') {
                Some(after) => after.trim_start(),
                None if rest.is_empty() => rest,
                None => return None,
            };
        }
        Some(Dict { descr: descr?, fortran: fortran?, shape: shape? })
    }
}

fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text.get(1..)?.split_once(quote)
}

/// A quoted type, or a structured one as its text, which no whitelist entry equals.
fn description(text: &str) -> Option<(String, &str)> {
    if text.starts_with('[') {
        let end = text.rfind(']')?;
        return Some((text.get(..=end)?.to_string(), text.get(end + 1..)?));
    }
    quoted(text).map(|(entry, after)| (entry.to_string(), after))
}

fn boolean(text: &str) -> Option<(bool, &str)> {
    let as_true = text.strip_prefix("True").map(|after| (true, after));
    as_true.or_else(|| text.strip_prefix("False").map(|after| (false, after)))
}

fn dims(text: &str) -> Option<Vec<i128>> {
    let text = text.trim();
    let text = text.strip_suffix(',').unwrap_or(text);
    if text.trim().is_empty() {
        return Some(Vec::new());
    }
    text.split(',').map(|dim| dim.trim().trim_end_matches('L').parse().ok()).collect()
}

/// Reorders elements from first-index-fastest to last-index-fastest.
fn to_row_major(elements: Elements, shape: &[usize]) -> Elements {
    match elements {
        Elements::U8(v) => Elements::U8(reorder(&v, shape)),
        Elements::I32(v) => Elements::I32(reorder(&v, shape)),
        Elements::I64(v) => Elements::I64(reorder(&v, shape)),
        Elements::F32(v) => Elements::F32(reorder(&v, shape)),
        Elements::F64(v) => Elements::F64(reorder(&v, shape)),
        words @ Elements::Words(_) => words,
    }
}

fn reorder<T: Copy>(values: &[T], shape: &[usize]) -> Vec<T> {
    let mut index = vec![0usize; shape.len()];
    let mut out = Vec::with_capacity(values.len());
    for _ in 0..values.len() {
        let (mut at, mut stride) = (0, 1);
        for (i, dim) in index.iter().zip(shape) {
            at += i * stride;
            stride *= dim;
        }
        out.extend(values.get(at));
        for (i, dim) in index.iter_mut().zip(shape).rev() {
            *i += 1;
            if *i < *dim {
                break;
            }
            *i = 0;
        }
    }
    out
}

fn bad(code: Code, path: &str, text: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::new(code, format!("`{path}`: {text}"))
}

/// The bytes of an npy file, version 1.0. Words are written as their numbers.
pub fn write(shape: &[usize], elements: &Elements) -> Vec<u8> {
    let descr = match elements {
        Elements::U8(_) => "|u1",
        Elements::I32(_) => "<i4",
        Elements::I64(_) => "<i8",
        Elements::F32(_) => "<f4",
        Elements::F64(_) => "<f8",
        Elements::Words(_) => "<u4",
    };
    let dims: String = shape.iter().map(|d| format!("{d}, ")).collect();
    let dims = if shape.len() == 1 { dims.trim_end() } else { dims.trim_end_matches(", ") };
    let mut dict = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({dims}), }}");
    // Ten bytes of magic, version and length come before; the elements start at a multiple of 64.
    while !(MAGIC.len() + 4 + dict.len() + 1).is_multiple_of(64) {
        dict.push(' ');
    }
    dict.push('\n');
    let mut bytes = [MAGIC, &[1, 0], &(dict.len() as u16).to_le_bytes(), dict.as_bytes()].concat();
    match elements {
        Elements::U8(v) => bytes.extend(v),
        Elements::I32(v) => v.iter().for_each(|x| bytes.extend(x.to_le_bytes())),
        Elements::I64(v) => v.iter().for_each(|x| bytes.extend(x.to_le_bytes())),
        Elements::F32(v) => v.iter().for_each(|x| bytes.extend(x.to_le_bytes())),
        Elements::F64(v) => v.iter().for_each(|x| bytes.extend(x.to_le_bytes())),
        Elements::Words(words) => words.codes.iter().for_each(|x| bytes.extend(x.to_le_bytes())),
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::damage::flips;

    fn file(version: u8, dict: &str, body: &[u8]) -> Vec<u8> {
        let text = format!("{dict}\n");
        let mut bytes = [MAGIC, &[version, 0]].concat();
        if version == 1 {
            bytes.extend((text.len() as u16).to_le_bytes());
        } else {
            bytes.extend((text.len() as u32).to_le_bytes());
        }
        bytes.extend(text.as_bytes());
        bytes.extend(body);
        bytes
    }

    fn code(bytes: &[u8]) -> String {
        read(bytes, "f").map_or_else(|d| d.code.name().to_string(), |_| "read".into())
    }

    fn dict(descr: &str, shape: &str) -> String {
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}")
    }

    #[test]
    fn what_we_write_reads_back() {
        for (shape, elements) in [
            (vec![2, 3], Elements::F32(vec![1.0, -2.0, 3.5, 0.0, 5.0, 6.0])),
            (vec![3], Elements::I32(vec![-1, 2, i32::MAX])),
            (vec![], Elements::U8(vec![7])),
            (vec![0, 4], Elements::F32(vec![])),
        ] {
            let bytes = write(&shape, &elements);
            let start = bytes.len() - read_len(&elements);
            assert_eq!(start % 64, 0);
            assert_eq!(read(&bytes, "f").unwrap(), Raw { shape, elements });
        }
    }

    fn read_len(elements: &Elements) -> usize {
        match elements {
            Elements::U8(v) => v.len(),
            _ => 4 * elements.len(),
        }
    }

    #[test]
    fn types_and_fortran_order() {
        let raw = read(&file(1, &dict("<i8", "(2,)"), &[5, 0, 0, 0, 0, 0, 0, 0].repeat(2)), "f");
        assert_eq!(raw.unwrap().elements, Elements::I32(vec![5, 5]));
        let raw = read(&file(2, &dict("<i2", "(1,)"), &(-3i16).to_le_bytes()), "f").unwrap();
        assert_eq!(raw.elements, Elements::I32(vec![-3]));
        let raw = read(&file(3, &dict("<f2", "(3,)"), &[0, 0x3c, 0, 0xc0, 1, 0]), "f").unwrap();
        assert_eq!(raw.elements, Elements::F32(vec![1.0, -2.0, 2f32.powi(-24)]));
        let raw = read(&file(1, &dict("<f8", "()"), &1.25f64.to_le_bytes()), "f").unwrap();
        assert_eq!((raw.shape.len(), raw.elements), (0, Elements::F32(vec![1.25])));
        let order = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }";
        let raw = read(&file(1, order, &[1, 4, 2, 5, 3, 6]), "f").unwrap();
        assert_eq!(raw.elements, Elements::U8(vec![1, 2, 3, 4, 5, 6]));
    }

    /// The format has no checksum: a flip is refused, or as many values are read.
    #[test]
    fn every_flip_is_refused_or_reads() {
        let whole = write(&[2, 3], &Elements::F32(vec![1.0, -2.0, 3.5, 0.0, 5.0, 6.0]));
        for (at, bytes) in flips(&whole) {
            match read(&bytes, "f") {
                Ok(found) => assert_eq!(found.elements.len(), 6, "{at}"),
                Err(error) => assert!(error.code.name().starts_with("RL20"), "{at}"),
            }
        }
    }

    #[test]
    fn refused() {
        for (bytes, expected) in [
            (b"PK".to_vec(), "RL2010"),
            (file(9, &dict("<f4", "(1,)"), &[0; 4]), "RL2010"),
            ([MAGIC, &[2, 0, 255, 255, 255, 255]].concat(), "RL2010"),
            (file(1, "{'descr': '<f4'}", &[]), "RL2010"),
            (file(1, "{'shape': (1,), 'shape': (1,)}", &[]), "RL2010"),
            (file(1, "__import__('os')", &[]), "RL2010"),
            (file(1, &dict("|O", "(1,)"), &[0; 4]), "RL2011"),
            (file(1, &dict("<c16", "(1,)"), &[0; 16]), "RL2011"),
            (file(1, &dict("|f4", "(1,)"), &[0; 4]), "RL2011"),
            (file(1, &dict("<f16", "(1,)"), &[0; 16]), "RL2011"),
            (file(1, &dict("<U3", "(1,)"), &[0; 12]), "RL2011"),
            (
                file(1, "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", &[]),
                "RL2011",
            ),
            (file(1, &dict("<f4", "(-1,)"), &[]), "RL2012"),
            (file(1, &dict("<f4", "(9223372036854775808, 2)"), &[]), "RL2012"),
            (file(1, &dict("<f4", "(2,)"), &[0; 7]), "RL2003"),
            (file(1, &dict("<f4", "(2,)"), &[0; 9]), "RL2003"),
            (file(1, &dict("<u8", "(1,)"), &[255; 8]), "RL2065"),
        ] {
            assert_eq!(code(&bytes), expected, "{}", String::from_utf8_lossy(&bytes));
        }
        let whole = write(&[2], &Elements::F32(vec![1.0, 2.0]));
        for n in 0..whole.len() {
            assert!(read(&whole[..n], "f").is_err(), "prefix {n}");
        }
    }
}
