//! Weights as safetensors. In: tensors by name, or bytes. Out: bytes, or tensors by name. Refuses
//! every other format before looking into it.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

use crate::backend::{Data, Tensor};
use crate::base::{Diagnostic, codes};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::HashMap;

/// A header longer than this is refused before it is parsed.
const MOST_HEADER: u64 = 4 << 20;
/// More tensors than this are refused.
const MOST_TENSORS: usize = 1 << 16;

/// Magic bytes of formats that people try, and their names.
const OTHERS: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "a zip archive, as PyTorch (.pt) or Keras (.keras) write it"),
    (b"\x80\x02", "a Python pickle"),
    (b"\x80\x03", "a Python pickle"),
    (b"\x80\x04", "a Python pickle"),
    (b"\x80\x05", "a Python pickle"),
    (b"\x89HDF", "an HDF5 file"),
    (b"GGUF", "a GGUF file"),
    (b"\x08\x07\x12", "an ONNX file"),
    (b"\x08\x08\x12", "an ONNX file"),
    (b"\x93NUMPY", "an npy file"),
];

/// The bytes of a file that holds these tensors. `about` is kept in its metadata.
pub fn write(tensors: &[(String, Tensor)], about: &str) -> Vec<u8> {
    let bytes: Vec<Vec<u8>> = tensors.iter().map(|(_, tensor)| little_endian(tensor)).collect();
    let views = tensors.iter().zip(&bytes).map(|((name, tensor), bytes)| {
        let dtype = match tensor.data {
            Data::F32(_) => Dtype::F32,
            Data::F64(_) => Dtype::F64,
            Data::I32(_) => Dtype::I32,
        };
        match TensorView::new(dtype, tensor.shape.clone(), bytes) {
            Ok(view) => (name.as_str(), view),
            Err(why) => panic!("weights: `{name}`: {why}"),
        }
    });
    // One key only: the order of several would differ from run to run.
    let about = HashMap::from([("rlc".to_string(), about.to_string())]);
    match safetensors::serialize(views, Some(about)) {
        Ok(bytes) => bytes,
        Err(why) => panic!("weights: {why}"),
    }
}

fn little_endian(tensor: &Tensor) -> Vec<u8> {
    match &tensor.data {
        Data::F32(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
        Data::F64(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
        Data::I32(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
    }
}

/// What a file holds.
#[derive(Debug, PartialEq)]
pub struct Found {
    /// The tensors, sorted by name.
    pub tensors: Vec<(String, Tensor)>,
    /// What the program that wrote it says of it, if it was this one.
    pub about: Option<String>,
}

/// Reads a file. `path` is for messages.
pub fn read(bytes: &[u8], path: &str) -> Result<Found, Diagnostic> {
    let damaged = |why: &dyn std::fmt::Display| {
        Diagnostic::new(codes::RL3003, format!("`{path}` is not a safetensors file: {why}"))
    };
    // The length of the header comes first and may be any bytes, so other formats are looked for only
    // where no header follows it.
    let length: Option<u64> =
        bytes.get(..8).and_then(|head| head.try_into().ok()).map(u64::from_le_bytes);
    let opens = length.is_some_and(|n| n <= MOST_HEADER) && bytes.get(8) == Some(&b'{');
    let other = OTHERS.iter().find(|(magic, _)| bytes.starts_with(magic));
    if let (Some((_, what)), false) = (other, opens) {
        let text = format!("`{path}` is {what}, not safetensors");
        return Err(Diagnostic::new(codes::RL3007, text).help(
            "convert it in Python: `safetensors.numpy.save_file(arrays, \"w.safetensors\")`",
        ));
    }
    let length = length.ok_or_else(|| damaged(&"it is shorter than a header"))?;
    if length > MOST_HEADER {
        return Err(damaged(&format!("its header claims {length} bytes")));
    }
    let file = SafeTensors::deserialize(bytes).map_err(|why| damaged(&why))?;
    if file.len() > MOST_TENSORS {
        return Err(damaged(&format!("it holds {} tensors", file.len())));
    }
    let mut tensors = Vec::new();
    for (name, view) in file.iter() {
        let data = match view.dtype() {
            Dtype::F32 => Data::F32(words(view.data(), f32::from_le_bytes)),
            Dtype::F64 => Data::F64(words(view.data(), f64::from_le_bytes)),
            Dtype::I32 => Data::I32(words(view.data(), i32::from_le_bytes)),
            other => {
                let text = format!("`{path}`: tensor `{}` is {other:?}", name.escape_debug());
                return Err(Diagnostic::new(codes::RL3005, text)
                    .help("weights are F32 or F64; convert them first"));
            }
        };
        tensors.push((name.to_string(), Tensor { shape: view.shape().to_vec(), data }));
    }
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
    let about = SafeTensors::read_metadata(bytes).ok();
    let about = about.and_then(|(_, m)| m.metadata().as_ref()?.get("rlc").cloned());
    Ok(Found { tensors, about })
}

/// Refuses a number that is none of f32; names the tensors that hold what is no number at all.
pub fn numbers(values: &[&(String, Tensor)], path: &str) -> Result<Option<Diagnostic>, Diagnostic> {
    let mut odd = Vec::new();
    for (name, value) in values {
        let (name, all) = (name.escape_debug(), value.to_f64());
        let large = |x: &&f64| x.is_finite() && !(**x as f32).is_finite();
        if let Some(x) = all.iter().find(large) {
            let text = format!("`{path}`: tensor `{name}` holds {x:e}, beyond the range of f32");
            return Err(Diagnostic::new(codes::RL3013, text));
        }
        let count = all.iter().filter(|x| !x.is_finite()).count();
        if count > 0 {
            odd.push(format!("`{name}` holds {count} values that are not finite"));
        }
    }
    let Some(first) = odd.first() else { return Ok(None) };
    let warning = Diagnostic::new(codes::RL3014, format!("`{path}`: tensor {first}"));
    Ok(Some(odd.iter().skip(1).take(9).fold(warning, |warning, more| warning.note(more.clone()))))
}

fn words<T, const N: usize>(bytes: &[u8], word: fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks().0.iter().map(|bytes| word(*bytes)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::damage::flips;

    fn sample() -> Vec<(String, Tensor)> {
        vec![
            ("a.W".into(), Tensor::f32([2, 2], vec![1.0, -0.0, f32::MIN_POSITIVE, 3.5])),
            ("n".into(), Tensor::i32([], vec![-7])),
            ("r".into(), Tensor::f64([2], vec![1.0 / 3.0, -1e-300])),
        ]
    }

    #[test]
    fn round_trip_is_exact_and_repeatable() {
        let bytes = write(&sample(), "x");
        let found = read(&bytes, "w").unwrap();
        assert_eq!((found.tensors, found.about.as_deref()), (sample(), Some("x")));
        assert_eq!(bytes, write(&sample(), "x"));
    }

    #[test]
    fn every_prefix_is_refused() {
        let bytes = write(&sample(), "x");
        for end in 0..bytes.len() {
            assert_eq!(read(&bytes[..end], "w").unwrap_err().code, codes::RL3003, "{end}");
        }
    }

    /// The format has no checksum: a flip is refused, or the file still reads as a whole.
    #[test]
    fn every_flip_is_refused_or_reads() {
        let whole = write(&sample(), "x");
        for (at, bytes) in flips(&whole) {
            match read(&bytes, "w") {
                Ok(found) => assert!(at >= 8 && found.tensors.len() == 3, "{at}: {found:?}"),
                Err(error) => assert!(error.code.name().starts_with("RL30"), "{at}"),
            }
        }
    }

    /// The length of a header may look like the first bytes of another format.
    #[test]
    fn a_length_is_no_format() {
        for wanted in [0x0280u64, 0x0380, 0x0480, 0x0580, 0x12_0708] {
            let empty = write(&sample(), "");
            let length = u64::from_le_bytes(empty[..8].try_into().unwrap());
            // Headers are padded to eight bytes.
            let about = "x".repeat((wanted - length) as usize);
            let bytes = write(&sample(), &about);
            let length = u64::from_le_bytes(bytes[..8].try_into().unwrap());
            assert!(length.abs_diff(wanted) < 8, "{length} {wanted}");
            if length == wanted {
                assert!(OTHERS.iter().any(|(magic, _)| bytes.starts_with(magic)), "{wanted}");
            }
            assert_eq!(read(&bytes, "w").unwrap().tensors, sample());
        }
    }

    #[test]
    fn numbers_that_no_weight_is() {
        let given = |x: f64| numbers(&[&("w".into(), Tensor::f64([2], vec![1.0, x]))], "f");
        assert_eq!(given(3.4e38), Ok(None));
        for x in [3.5e38, -1e300] {
            assert_eq!(given(x).unwrap_err().code, codes::RL3013, "{x}");
        }
        for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let warning = given(x).unwrap().unwrap();
            assert_eq!(warning.code, codes::RL3014);
            assert_eq!(warning.message, "`f`: tensor `w` holds 1 values that are not finite");
        }
    }

    #[test]
    fn hostile_headers_are_refused() {
        let head = |length: u64, json: &str| {
            let mut bytes = length.to_le_bytes().to_vec();
            bytes.extend(json.bytes());
            bytes
        };
        let whole = |json: &str| head(json.len() as u64, json);
        let deep = format!("{{\"a\":{}", "[".repeat(10_000));
        for bytes in [
            head(1 << 63, "{}"),
            head(5 << 20, "{}"),
            head(0, ""),
            whole("[]"),
            whole(&deep),
            whole(r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#),
            whole(r#"{"a":{"dtype":"F32","shape":[18446744073709551615,2],"data_offsets":[0,8]}}"#),
            whole(r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[8,4]}}"#),
        ] {
            assert_eq!(read(&bytes, "w").unwrap_err().code, codes::RL3003);
        }
        for magic in OTHERS {
            let bytes = [magic.0, b"123456789"].concat();
            assert_eq!(read(&bytes, "w").unwrap_err().code, codes::RL3007);
        }
    }
}
