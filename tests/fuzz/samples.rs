//! Valid files of every format that is read. In: a reader and random numbers. Out: bytes.

#[path = "../containers/mod.rs"]
mod written;

use super::edits;
use super::mutate::Random;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use hound::{SampleFormat, WavSpec, WavWriter};
use rlc::backend::Tensor;
use rlc::graph::Ty;
use rlc::runtime::checkpoint::{self, Checkpoint, Identity, Progress};
use rlc::runtime::files::RealDisk;
use rlc::runtime::weights;
use rlc::translate::program::Slot;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Values of a table: bits, levels, classes, reals, gaps.
fn table(dice: &mut Random) -> Vec<Vec<f64>> {
    let (rows, width, sort) = (1 + dice.below(9), 1 + dice.below(4), dice.below(6));
    let mut one = || match sort {
        0 => dice.below(2) as f64,
        1 => dice.below(256) as f64,
        2 => dice.below(3) as f64,
        3 => dice.below(1 << 30) as f64 - f64::from(1 << 29),
        4 => dice.below(4000) as f64 / 4.0 - 300.0,
        _ => {
            if dice.below(5) == 0 {
                f64::NAN
            } else {
                dice.below(9) as f64
            }
        }
    };
    (0..rows).map(|_| (0..width).map(|_| one()).collect()).collect()
}

/// A valid file for a reader.
pub fn valid(reader: &str, dice: &mut Random) -> Vec<u8> {
    let rows = table(dice);
    match reader {
        "csv" => csv(&rows, dice),
        "svmlight" => svmlight(&rows, dice),
        "npy" => npy(&rows, dice),
        "npz" => npz(dice),
        "idx" => {
            let (kind, dtype) =
                [(8, "u1"), (9, "i1"), (11, "i2"), (12, "i4"), (13, "f4"), (14, "f8")]
                    [dice.below(6)];
            written::idx(kind, dtype, &rows)
        }
        "weights" => weights::write(&tensors(&rows), "{}"),
        "checkpoint" => manifest(&rows),
        "settings" => settings(dice),
        "text" => text(dice),
        "walks" => edges(dice),
        "wav" => sound(dice),
        _ => CALLS[dice.below(CALLS.len())].as_bytes().to_vec(),
    }
}

fn csv(rows: &[Vec<f64>], dice: &mut Random) -> Vec<u8> {
    let sep = [",", ";", "\t", " ", "  "][dice.below(5)];
    let mut bytes = written::csv(rows, sep, [".", ","][dice.below(2)], dice.below(2) == 0);
    if dice.below(3) == 0 {
        let words = [
            "apple",
            "\"a,b\"",
            "\"",
            "NA",
            "",
            "true",
            "1e400",
            "-inf",
            "nan",
            "0x1",
            "é",
            "\u{0}",
            "1,5",
            "99999999999999999999",
            "#",
            "'",
        ];
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut cells: Vec<&str> = text.split_inclusive(|c: char| !c.is_alphanumeric()).collect();
        for _ in 0..=dice.below(3) {
            let at = dice.below(cells.len() + 1);
            cells.insert(at, words[dice.below(words.len())]);
        }
        bytes = cells.concat().into_bytes();
    }
    if dice.below(6) == 0 {
        bytes = [b"\xef\xbb\xbf", &bytes[..]].concat();
    }
    if dice.below(6) == 0 {
        bytes = String::from_utf8_lossy(&bytes)
            .replace('\n', ["\r\n", "\r", "\n\n"][dice.below(3)])
            .into_bytes();
    }
    bytes
}

/// A text of few different words.
fn text(dice: &mut Random) -> Vec<u8> {
    let words = ["a", "b", "a", "b", " ", "\n", "é", "\u{feff}", "\u{0}", "<unk>"];
    let some = 1 + dice.below(words.len());
    (0..dice.below(60)).map(|_| words[dice.below(some)]).collect::<String>().into_bytes()
}

/// Edges between a few nodes, now and then with a cell that is none.
/// A short recording of any kind.
fn sound(dice: &mut Random) -> Vec<u8> {
    let (bits_per_sample, sample_format) = [
        (8, SampleFormat::Int),
        (16, SampleFormat::Int),
        (24, SampleFormat::Int),
        (32, SampleFormat::Int),
        (32, SampleFormat::Float),
    ][dice.below(5)];
    let channels = 1 + dice.below(3) as u16;
    let spec = WavSpec { channels, sample_rate: 8000, bits_per_sample, sample_format };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
    for _ in 0..dice.below(40) * usize::from(channels) {
        let x = dice.below(255) as i32 - 127;
        match sample_format {
            SampleFormat::Int => writer.write_sample(x).unwrap(),
            SampleFormat::Float => writer.write_sample(x as f32 / 50.0).unwrap(),
        }
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

fn edges(dice: &mut Random) -> Vec<u8> {
    let (between, weighted) = ([",", " ", "\t", ";"][dice.below(4)], dice.below(3) == 0);
    let odd = ["# x", "", "1", "a", "0 0", "-1", "1e400", "nan", "1,2,3,4", "\u{feff}", "\u{0}"];
    let mut text = String::new();
    for _ in 0..dice.below(12) {
        let [from, to] = [0, 1].map(|_| dice.below(3).to_string());
        let weight = if weighted { format!("{between}{}", dice.below(5)) } else { String::new() };
        text += &format!("{from}{between}{to}{weight}\n");
        if dice.below(20) == 0 {
            text += &format!("{}\n", odd[dice.below(odd.len())]);
        }
    }
    text.into_bytes()
}

/// Sparse rows, now and then with a piece that is no pair or one too many.
fn svmlight(rows: &[Vec<f64>], dice: &mut Random) -> Vec<u8> {
    let words = [
        "# 1:1",
        "\n\n",
        "0:1",
        "3:?",
        "qid:3",
        "1,2",
        "-1",
        "+1",
        "1:1e400",
        "2:inf",
        "1000000:1",
        "1000001:1",
        "1:2:3",
        ":",
        "1:",
        "é:1",
        "18446744073709551616:1",
        "\r",
        "\u{0}",
    ];
    let bytes = written::svmlight(rows, dice.below(2));
    if dice.below(2) == 0 {
        return bytes;
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut cells: Vec<&str> = text.split_inclusive([' ', '\n']).collect();
    for _ in 0..=dice.below(2) {
        let at = dice.below(cells.len() + 1);
        cells.splice(at..at, [words[dice.below(words.len())], " "]);
    }
    cells.concat().into_bytes()
}

fn npy(rows: &[Vec<f64>], dice: &mut Random) -> Vec<u8> {
    let dtype = written::DTYPES[dice.below(written::DTYPES.len())].0;
    written::npy(dtype, dice.below(2) == 0, dice.below(2) == 0, rows)
}

/// An archive of arrays, stored or packed.
fn npz(dice: &mut Random) -> Vec<u8> {
    let names = ["x", "y", "x_train", "x_test", "y_train", "y_test", "image", "a/b", "..", ""];
    let (mut bytes, mut directory, count) = (Vec::new(), Vec::new(), 1 + dice.below(4));
    for _ in 0..count {
        let (name, packs) = (names[dice.below(names.len())], dice.below(2) == 0);
        let rows = table(dice);
        let array = npy(&rows, dice);
        member(&format!("{name}.npy"), &array, packs, &mut bytes, &mut directory);
    }
    let (start, length) = (bytes.len() as u32, directory.len() as u32);
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count as u16; 2].iter().flat_map(|n| n.to_le_bytes()));
    bytes.extend([length, start].iter().flat_map(|n| n.to_le_bytes()));
    bytes.extend([0, 0]);
    bytes
}

/// One member of an archive, and its entry in the directory.
fn member(name: &str, array: &[u8], packs: bool, bytes: &mut Vec<u8>, directory: &mut Vec<u8>) {
    let body = if packs {
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(array).unwrap();
        packed.finish().unwrap()
    } else {
        array.to_vec()
    };
    let mut sum = Crc::new();
    sum.update(array);
    let at = (bytes.len() as u32).to_le_bytes();
    // Version, flags, method, time, date.
    let mut head: Vec<u8> = vec![20, 0, 0, 0, if packs { 8 } else { 0 }, 0, 0, 0, 0, 0];
    head.extend(sum.sum().to_le_bytes());
    head.extend([body.len() as u32, array.len() as u32].iter().flat_map(|n| n.to_le_bytes()));
    head.extend((name.len() as u16).to_le_bytes());
    head.extend([0, 0]);
    bytes.extend([b"PK\x03\x04", &head[..], name.as_bytes(), &body].concat());
    directory.extend([b"PK\x01\x02\x14\0", &head[..], &[0; 10], &at, name.as_bytes()].concat());
}

fn tensors(rows: &[Vec<f64>]) -> Vec<(String, Tensor)> {
    let flat: Vec<f64> = rows.iter().flatten().copied().collect();
    let shape = [rows.len(), rows[0].len()];
    vec![
        ("f.W".into(), Tensor::f32(shape, flat.iter().map(|x| *x as f32).collect())),
        ("n".into(), Tensor::i32([], vec![flat[0] as i32])),
        ("wide".into(), Tensor::f64(shape, flat)),
    ]
}

/// The manifest of a checkpoint, without its checksum. Its tensors are made again when it is read.
fn manifest(rows: &[Vec<f64>]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let slots = tensors(rows).into_iter().map(|(path, value)| {
        let ty = match path.as_str() {
            "n" => Ty::i32([]),
            _ => Ty::f32(value.shape.clone()),
        };
        (
            Slot {
                path,
                ty,
                is_param: true,
                is_moment: false,
                support: rlc::model::ir::Support::Real,
            },
            value,
        )
    });
    let identity = Identity {
        model: "m".into(),
        source: "s".into(),
        seed: 1,
        data: vec![],
        rows: vec![("d".into(), "0f".into())],
        kept: vec![],
    };
    let checkpoint = Checkpoint { identity, progress: Progress::default(), slots: slots.collect() };
    let path = checkpoint::save(&mut RealDisk, folder.path(), &checkpoint).unwrap();
    let mut all = Vec::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        all.push((name, bytes));
    }
    all.sort();
    // One file after another: name, length, bytes.
    all.iter()
        .flat_map(|(name, bytes)| {
            [name.as_bytes(), b"\n", bytes.len().to_string().as_bytes(), b"\n", bytes].concat()
        })
        .collect()
}

fn settings(dice: &mut Random) -> Vec<u8> {
    static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/files");
        let mut paths: Vec<PathBuf> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
        paths.sort();
        paths.retain(|path| path.extension().is_some_and(|e| e == "yaml"));
        paths
            .iter()
            .map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned())
            .collect()
    });
    let mut text = TEXTS[dice.below(TEXTS.len())].clone();
    for _ in 0..dice.below(4) {
        text = edits::edit(&text, dice);
    }
    text.into_bytes()
}

const CALLS: &[&str] = &[
    "csv:t.csv,header=true,sep=;,decimal=,",
    "uci_digits:rows=10,valid=0.1,per_class=2,labels=shuffled",
    "blobs:n=10,k=3,width=2,spread=1",
    "moons:n=5,noise=0.5",
    "spirals:n=7,turns=2",
    "one_hot:n=4",
    "lowrank:n=9,width=3,rank=2,noise=0",
    "ratings:n=9,users=3,items=2,rank=1,noise=0",
    "indices:n=9",
    "sprites:size=8,shapes=3,scales=1,rotations=1,positions=2,grey=true",
    "uniform:n=3,width=2,low=-1,high=1",
    "iris:folds=5,fold=0,standardize=true,missing=mean",
    "circle:n=3",
    "gaussians8:n=8,split=0.5",
    "iris:class=1,nan=allow,scale=2,seed=3",
    "idx:a,b",
    "svmlight:t.svmlight,width=3,first=0,test=t.svmlight",
    "npz:x.npz,binarize=fixed",
    "walks:t.walks,length=3,per_node=2,p=2,q=0.5,directed=true",
    "metapath:along=A-B-A,edges=\"A-B: t.walks\",length=3,per_node=2",
    "skipgrams:text(t.text,tokens=word,unknown=drop),window=2,sample=0,power=1",
    "cbow:walks(t.walks,length=4),window=1,valid=0.2",
];
