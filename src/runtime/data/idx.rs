//! The idx format of MNIST. In: bytes. Out: an array of bytes, integers or reals.
//!
//! Layout: two zero bytes, an element type, the number of dims, each dim as a big-endian `u32`, then
//! the elements, big-endian, and nothing after them. (Y. LeCun, the MNIST database.)

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::gzip;
use super::raw::{Elements, Raw, bytes_at, count};
use crate::base::{Code, Diagnostic, codes};

/// Largest number of bytes that a file may hold after inflation.
const MOST_BYTES: usize = 1 << 34;

/// Reads an idx file, compressed or not.
pub fn read(bytes: &[u8], path: &str) -> Result<Raw, Diagnostic> {
    if !gzip::is_gzip(bytes) {
        return read_plain(bytes, path);
    }
    let head = gzip::peek(bytes, 4 + 4 * 4);
    let expected = if head.len() < 4 { 20 } else { Header::read(&head, path)?.file_len(path)? };
    read_plain(&gzip::gunzip(bytes, expected, path)?, path)
}

fn read_plain(bytes: &[u8], path: &str) -> Result<Raw, Diagnostic> {
    let header = Header::read(bytes, path)?;
    let expected = header.file_len(path)?;
    if bytes.len() != expected {
        let text = format!(
            "`{path}`: expected {expected} bytes for shape {:?}, found {}",
            header.shape,
            bytes.len()
        );
        return Err(Diagnostic::new(codes::RL2003, text));
    }
    let body = bytes.get(header.body()..).unwrap_or_default();
    let elements = header.kind.decode(body);
    Ok(Raw { shape: header.shape, elements })
}

/// The element types of the format.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cells {
    U8,
    I8,
    I16,
    I32,
    F32,
    F64,
}

impl Cells {
    fn from_byte(byte: u8) -> Option<Cells> {
        Some(match byte {
            0x08 => Cells::U8,
            0x09 => Cells::I8,
            0x0b => Cells::I16,
            0x0c => Cells::I32,
            0x0d => Cells::F32,
            0x0e => Cells::F64,
            _ => return None,
        })
    }

    fn size(self) -> usize {
        match self {
            Cells::U8 | Cells::I8 => 1,
            Cells::I16 => 2,
            Cells::I32 | Cells::F32 => 4,
            Cells::F64 => 8,
        }
    }

    fn decode(self, body: &[u8]) -> Elements {
        match self {
            Cells::U8 => Elements::U8(body.to_vec()),
            Cells::I8 => Elements::I32(body.iter().map(|b| i32::from(*b as i8)).collect()),
            Cells::I16 => Elements::I32(each(body, |b| i32::from(i16::from_be_bytes(b)))),
            Cells::I32 => Elements::I32(each(body, i32::from_be_bytes)),
            Cells::F32 => Elements::F32(each(body, f32::from_be_bytes)),
            Cells::F64 => Elements::reals(each(body, f64::from_be_bytes)),
        }
    }
}

/// Decodes consecutive elements of `N` bytes.
fn each<const N: usize, T>(body: &[u8], decode: impl Fn([u8; N]) -> T) -> Vec<T> {
    body.as_chunks::<N>().0.iter().map(|chunk| decode(*chunk)).collect()
}

struct Header {
    kind: Cells,
    shape: Vec<usize>,
}

impl Header {
    fn read(bytes: &[u8], path: &str) -> Result<Header, Diagnostic> {
        let Some([zero, zero_too, kind, rank]) = bytes_at::<4>(bytes, 0) else {
            let text = format!("expected a header of 4 bytes, found {} bytes", bytes.len());
            return Err(bad(codes::RL2001, path, text));
        };
        if (zero, zero_too) != (0, 0) {
            let text = format!("byte 0: expected 00 00, found {zero:02x} {zero_too:02x}");
            return Err(bad(codes::RL2001, path, text));
        }
        let Some(kind) = Cells::from_byte(kind) else {
            let text = format!("byte 2: element type 0x{kind:02x} is not one of 08 09 0b 0c 0d 0e");
            return Err(bad(codes::RL2002, path, text));
        };
        if !(1..=4).contains(&rank) {
            let text = format!("byte 3: expected 1 to 4 dims, found {rank}");
            return Err(bad(codes::RL2002, path, text));
        }
        let mut shape = Vec::new();
        for dim in 0..usize::from(rank) {
            let at = 4 + 4 * dim;
            let Some(size) = bytes_at::<4>(bytes, at) else {
                let text = format!("byte {at}: the header ends before dim {dim}");
                return Err(bad(codes::RL2003, path, text));
            };
            shape.push(u32::from_be_bytes(size) as usize);
        }
        Ok(Header { kind, shape })
    }

    /// Where the elements start.
    fn body(&self) -> usize {
        4 + 4 * self.shape.len()
    }

    /// Length that the whole file must have.
    fn file_len(&self, path: &str) -> Result<usize, Diagnostic> {
        count(&self.shape)
            .and_then(|n| n.checked_mul(self.kind.size()))
            .and_then(|n| n.checked_add(self.body()))
            .filter(|n| *n <= MOST_BYTES)
            .ok_or_else(|| {
                let text = format!("shape {:?} needs more than {MOST_BYTES} bytes", self.shape);
                bad(codes::RL2003, path, text)
            })
    }
}

fn bad(code: Code, path: &str, text: String) -> Diagnostic {
    Diagnostic::new(code, format!("`{path}`: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::damage::{cuts, flips};
    use std::io::Write;

    fn file(kind: u8, dims: &[u32], body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, kind, dims.len() as u8];
        dims.iter().for_each(|d| bytes.extend(d.to_be_bytes()));
        bytes.extend(body);
        bytes
    }

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    fn code(bytes: &[u8]) -> String {
        read(bytes, "f").map_or_else(|d| d.code.name().to_string(), |raw| format!("{raw:?}"))
    }

    #[test]
    fn element_types_and_shapes() {
        let raw = read(&file(8, &[2, 3], &[1, 2, 3, 4, 5, 6]), "f").unwrap();
        assert_eq!(raw.shape, [2, 3]);
        assert_eq!(raw.elements, Elements::U8(vec![1, 2, 3, 4, 5, 6]));
        let raw = read(&file(9, &[2], &[0xff, 1]), "f").unwrap();
        assert_eq!(raw.elements, Elements::I32(vec![-1, 1]));
        let raw = read(&file(0x0b, &[1], &[1, 0]), "f").unwrap();
        assert_eq!(raw.elements, Elements::I32(vec![256]));
        let raw = read(&file(0x0d, &[1], &1.5f32.to_be_bytes()), "f").unwrap();
        assert_eq!(raw.elements, Elements::F32(vec![1.5]));
        let raw = read(&file(0x0e, &[1], &2.5f64.to_be_bytes()), "f").unwrap();
        assert_eq!(raw.elements, Elements::F32(vec![2.5]));
    }

    #[test]
    fn refused_headers() {
        for (bytes, expected) in [
            (b"PK\x03\x04".to_vec(), "RL2001"),
            (vec![0, 0], "RL2001"),
            (file(8, &[], &[]), "RL2002"),
            (file(8, &[1, 1, 1, 1, 1], &[0]), "RL2002"),
            (file(0x0a, &[1], &[0]), "RL2002"),
            (file(8, &[1 << 31], &[0; 92]), "RL2003"),
            (file(8, &[u32::MAX, u32::MAX, u32::MAX, u32::MAX], &[0]), "RL2003"),
            (file(8, &[4], &[0; 5]), "RL2003"),
        ] {
            assert_eq!(code(&bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn every_prefix_is_refused() {
        let plain = file(8, &[3, 4, 4], &[7; 48]);
        let packed = gz(&plain);
        assert_eq!(read(&packed, "f").unwrap().elements, Elements::U8(vec![7; 48]));
        for cut in cuts(&plain).chain(cuts(&packed)) {
            assert!(read(cut, "f").is_err(), "prefix {}", cut.len());
        }
    }

    /// The format has no checksum: a flip is refused, or as many values are read.
    #[test]
    fn every_flip_is_refused_or_reads() {
        let whole = file(8, &[2, 3], &[1, 2, 3, 4, 5, 6]);
        for (at, bytes) in flips(&whole) {
            match read(&bytes, "f") {
                Ok(found) => assert_eq!(found.elements.len(), 6, "{at}"),
                Err(error) => assert!(error.code.name().starts_with("RL20"), "{at}"),
            }
        }
    }

    #[test]
    fn damaged_gzip() {
        let good = gz(&file(8, &[100], &[9; 100]));
        let mut crc = good.clone();
        let at = crc.len() - 8;
        crc[at] ^= 1;
        assert_eq!(code(&crc), "RL2006");
        let mut trailing = good.clone();
        trailing.push(0);
        assert_eq!(code(&trailing), "RL2006");
        let bomb = gz(&file(8, &[10], &vec![0; 10_000_000]));
        assert_eq!(code(&bomb), "RL2007");
    }
}
