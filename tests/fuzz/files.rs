//! Files of every format that is read: tables, arrays, weights, checkpoints, settings. In: valid ones
//! with something changed: bytes, numbers in headers, lengths. Out: an error, or values that fit their
//! declaration. The first byte of an input says which reader it is for, the second one how it is asked.

use super::harness::{Found, Kind, PATIENCE, fuzz};
use super::mutate::Random;
use super::samples::valid;
use flate2::{Compression, write::GzEncoder};
use rlc::base::{Diagnostic, FileId, SourceMap};
use rlc::cli::render;
use rlc::graph::DType;
use rlc::model::ir::{Static, Support, Type};
use rlc::runtime::checkpoint;
use rlc::runtime::data::batches::{Batch, gather};
use rlc::runtime::data::{FieldSpec, Values, convert, open::Root, source};
use rlc::runtime::{config, weights};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Write;
use std::path::Path;

#[test]
fn files_end_with_a_message() {
    let kind = Kind { name: "files", ending: "bin", first: 1000, few: 4000, patience: PATIENCE };
    let folder = tempfile::tempdir().unwrap();
    fuzz(&kind, made, |input| looked_at(folder.path(), input));
}

const READERS: &[&str] = &[
    "csv",
    "npy",
    "npz",
    "idx",
    "weights",
    "checkpoint",
    "settings",
    "call",
    "svmlight",
    "text",
    "walks",
    "wav",
];

fn made(dice: &mut Random) -> Vec<u8> {
    let reader = dice.below(READERS.len());
    let mut bytes = valid(READERS[reader], dice);
    for _ in 0..dice.below(5) {
        change(&mut bytes, dice);
    }
    if dice.below(4) == 0
        && matches!(READERS[reader], "csv" | "idx" | "svmlight" | "text" | "walks")
    {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&bytes).unwrap();
        bytes = packed.finish().unwrap();
        for _ in 0..dice.below(3) {
            change(&mut bytes, dice);
        }
    }
    [&[reader as u8, dice.below(256) as u8], &bytes[..]].concat()
}

const WORDS: &[&[u8]] = &[
    b"0",
    b"-1",
    b"1",
    b"4294967296",
    b"9223372036854775807",
    b"18446744073709551615",
    b"1e999",
    b"nan",
    b"True",
    b"()",
    b"'",
    b"{",
    b"\x00",
    b"\xff\xff",
    b",",
    b"=",
    b"..",
    b"/etc/passwd",
    b"65536",
];

/// One change of bytes.
fn change(bytes: &mut Vec<u8>, dice: &mut Random) {
    let n = bytes.len();
    if n == 0 {
        return bytes.push(dice.below(256) as u8);
    }
    // Headers stand at the start, and directories of archives at the end.
    let at = match dice.below(4) {
        0 => dice.below(n.min(16)),
        1 => dice.below(n.min(100)),
        2 => n - 1 - dice.below(n.min(100)),
        _ => dice.below(n),
    };
    match dice.below(11) {
        0 => bytes[at] ^= 1 << dice.below(8),
        1 => bytes[at] = [0, 1, 127, 128, 255][dice.below(5)],
        2 => bytes.truncate(at),
        3 => {
            let end = (at + 1 + dice.below(16)).min(n);
            bytes.drain(at..end);
        }
        4 => {
            let again = bytes[at..(at + 1 + dice.below(64)).min(n)].to_vec();
            bytes.splice(at..at, again);
        }
        5 => {
            let big = [
                0u64,
                1,
                0xffff,
                0x7fff_ffff,
                0xffff_ffff,
                1 << 32,
                1 << 40,
                u64::MAX >> 1,
                u64::MAX,
            ];
            let (value, width) = (big[dice.below(big.len())], [2, 4, 8][dice.below(3)]);
            let mut word = value.to_le_bytes()[..width].to_vec();
            if dice.below(2) == 0 {
                word.reverse();
            }
            let end = (at + width).min(n);
            bytes.splice(at..end, word);
        }
        6 => {
            let (a, b) = (dice.below(n), dice.below(n));
            bytes.swap(a, b);
        }
        // A number in a text.
        7 | 8 => {
            let digits = (0..n).map(|i| (at + i) % n).find(|i| bytes[*i].is_ascii_digit());
            let start = digits.unwrap_or(at);
            let length = bytes[start..].iter().take_while(|b| b.is_ascii_digit()).count().max(1);
            bytes.splice(start..start + length, WORDS[dice.below(WORDS.len())].to_vec());
        }
        9 => {
            bytes.splice(at..at, WORDS[dice.below(WORDS.len())].to_vec());
        }
        _ => {
            let other = valid(READERS[dice.below(5)], dice);
            let from = dice.below(other.len().max(1));
            bytes.splice(at.., other[from..].to_vec());
        }
    }
}

/// A message like every other one.
fn wrong(error: &Diagnostic) -> Found {
    wrong_in(&SourceMap::default(), error)
}

/// The same with the place in a text.
fn wrong_in(sources: &SourceMap, error: &Diagnostic) -> Found {
    let shown = render::text(error, sources, false);
    if error.hints().is_empty() {
        return Err(format!("no hint: {} {}", error.code.name(), error.message));
    }
    if shown.chars().any(|c| c.is_control() && c != '\n') {
        return Err(format!("hidden characters: {}", error.message.escape_debug()));
    }
    if shown.len() > 20_000 {
        return Err(format!("{} bytes of a message", shown.len()));
    }
    Ok(error.code.name().into())
}

fn looked_at(folder: &Path, input: &[u8]) -> Found {
    let [reader, how, bytes @ ..] = input else { return Ok("empty".into()) };
    let reader = READERS[usize::from(*reader) % READERS.len()];
    match reader {
        "weights" => {
            weights::read(bytes, "w.safetensors").map_or_else(|e| wrong(&e), |_| Ok("read".into()))
        }
        "checkpoint" => restored(folder, bytes),
        "settings" => {
            let text = String::from_utf8_lossy(bytes);
            let mut sources = SourceMap::default();
            let id: FileId = sources.add("c.yaml", text.as_ref());
            config::read(id, &text).map_or_else(|e| wrong_in(&sources, &e), |_| Ok("read".into()))
        }
        "call" => loaded(folder, &String::from_utf8_lossy(bytes), *how),
        name => {
            let file = format!("t.{name}");
            fs::write(folder.join(&file), bytes).unwrap();
            let of_texts = [
                ",split=1",
                "",
                ",tokens=word,unknown=drop",
                ",unknown=?,stride=1",
                ",tokens=byte,split=0.5",
                ",tokens=word,unknown=x,min_count=2,valid=0.5",
            ];
            let of_tables = [
                ",split=1",
                "",
                ",missing=mean,split=1",
                ",nan=allow",
                ",standardize=true",
                ",missing=drop,folds=2,fold=0",
            ];
            let of_walks = [
                "walks:t.walks,length=2,per_node=2",
                "walks:t.walks,length=3,p=0.001,split=0.5",
                "walks:t.walks,length=1,q=1000,directed=true",
                "skipgrams:walks(t.walks,length=4),window=2,sample=0",
                "skipgrams:walks(t.walks,length=3,directed=true),window=1,valid=0.5",
                "cbow:walks(t.walks,length=5,q=0.01),window=3,sample=0.5,power=-1",
                "metapath:along=A-B-A,edges=\"A-B: t.walks\",length=4,per_node=1",
                "skipgrams:metapath(along=A-A,edges=(\"A-A:t.walks\",\"A-B:t.walks\"),length=5),window=1",
            ];
            let at = usize::from(*how) % of_texts.len();
            match name {
                "wav" => {
                    let options = ["", ",pad=true", ",stride=1,split=0.5", ",test_files=t*"];
                    let call = format!("wav:.{}", options[usize::from(*how) % options.len()]);
                    loaded(folder, &call, *how)
                }
                "text" => loaded(folder, &format!("text:{file}{}", of_texts[at]), *how),
                "walks" => loaded(folder, of_walks[usize::from(*how) % of_walks.len()], *how),
                _ => loaded(folder, &format!("{name}:{file}{}", of_tables[at]), *how),
            }
        }
    }
}

/// Reads a source as fields of some types. What is read fits the declaration.
fn loaded(folder: &Path, call: &str, how: u8) -> Found {
    let source = match source::parse(call) {
        Ok(source) => source,
        Err(error) => return wrong(&error),
    };
    // Made-up data may be large by right.
    if source.args.iter().any(|(_, value)| matches!(value, Static::Int(n) if *n > 3000)) {
        return Ok("large".into());
    }
    let supports = [
        Support::Real,
        Support::Interval(0.0, 1.0),
        Support::Bit,
        Support::Index(3),
        Support::Integer,
    ];
    let (support, width) = (supports[usize::from(how / 6) % 5], usize::from(how / 30) % 4);
    let dtype = if matches!(support, Support::Index(_) | Support::Integer) {
        DType::I32
    } else {
        DType::F32
    };
    let shape = if width == 0 { vec![] } else { vec![width] };
    let ty = Type { dtype, shape, support, varies: true, ends: false };
    let names = [["center", "context", "weight", "negatives"][usize::from(how) % 4], "x"];
    let drawn = call.starts_with("skipgrams") || call.starts_with("cbow");
    let name = if call.starts_with("wav") { "sound" } else { names[usize::from(!drawn)] };
    let fields = [FieldSpec { name: name.into(), ty }];
    let root = Root { folder: folder.into(), may_leave: false };
    let set = match convert::load("d", &source, &root, &fields, &[]) {
        Ok(set) => set,
        Err(error) => return wrong(&error),
    };
    let count = set.rows * width.max(1);
    let fits = match &set.columns[0].values {
        Values::Made(_) => {
            let rows: Vec<u32> = (0..set.rows as u32).collect();
            match gather(&set.columns[0], &rows, 0, 0) {
                Batch::I32(values) => {
                    values.len() == count && values.iter().all(|i| (0..3).contains(i))
                }
                Batch::F32(values) => {
                    values.len() == count && values.iter().all(|x| (0.0..=1.0).contains(x))
                }
            }
        }
        Values::I32(values) => {
            values.len() == count
                && (!matches!(support, Support::Index(_))
                    || values.iter().all(|i| (0..3).contains(i)))
        }
        Values::F32(values) | Values::Chance(values) => {
            values.len() == count
                && match support {
                    Support::Real => true,
                    _ => values.iter().all(|x| (0.0..=1.0).contains(x) || x.is_nan()),
                }
        }
    };
    let inside =
        set.splits.iter().all(|(_, rows)| rows.iter().all(|row| (row as usize) < set.rows));
    match fits && inside {
        true => Ok("read".into()),
        false => Err(format!("{call} as {support:?} gives values that do not fit")),
    }
}

/// A checkpoint whose files are those of the input, with checksums made right.
fn restored(folder: &Path, input: &[u8]) -> Found {
    let home = folder.join("checkpoint");
    fs::remove_dir_all(&home).ok();
    fs::create_dir(&home).unwrap();
    let (mut rest, mut files) = (input, Vec::new());
    while let [name, length, bytes] = rest.splitn(3, |b| *b == b'\n').collect::<Vec<_>>()[..] {
        let length = std::str::from_utf8(length).ok().and_then(|n| n.parse::<usize>().ok());
        let length = length.unwrap_or(bytes.len()).min(bytes.len());
        files.push((String::from_utf8_lossy(name).into_owned(), bytes[..length].to_vec()));
        rest = &bytes[length..];
    }
    let hex = |bytes: &[u8]| -> String {
        Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
    };
    for (name, bytes) in files.clone() {
        let mut bytes = bytes;
        if let Some(at) = bytes.windows(8).position(|w| w == b"\nsha256 ") {
            let mut body = String::from_utf8_lossy(&bytes[..at]).into_owned();
            // The manifest names the bytes of every other file.
            if let Ok(mut json) = serde_json::from_str::<serde_json::Value>(&body) {
                for row in json["files"].as_array_mut().into_iter().flatten() {
                    let other = files.iter().find(|(n, _)| row["name"] == n.as_str());
                    if let Some((_, bytes)) = other {
                        row["sha256"] = hex(bytes).into();
                        row["bytes"] = bytes.len().into();
                    }
                }
                body = json.to_string();
            }
            bytes = format!("{body}\nsha256 {}\n", hex(body.as_bytes())).into_bytes();
        }
        if Path::new(&name).file_name().is_some_and(|n| n == name.as_str()) {
            fs::write(home.join(&name), bytes).ok();
        }
    }
    checkpoint::load(&home).map_or_else(|error| wrong(&error), |_| Ok("read".into()))
}
