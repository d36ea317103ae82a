//! Data files written by hand. In: rows of values. Out: bytes of csv, npy, idx and svmlight files.
#![allow(dead_code)]

/// Element types of NumPy with the range that they hold exactly.
pub const DTYPES: &[(&str, f64, f64)] = &[
    ("b1", 0.0, 1.0),
    ("i1", -128.0, 127.0),
    ("i2", -32768.0, 32767.0),
    ("i4", -2147483648.0, 2147483647.0),
    ("i8", -9007199254740992.0, 9007199254740992.0),
    ("u1", 0.0, 255.0),
    ("u2", 0.0, 65535.0),
    ("u4", 0.0, 4294967295.0),
    ("u8", 0.0, 9007199254740992.0),
    ("f2", -2048.0, 2048.0),
    ("f4", -16777216.0, 16777216.0),
    ("f8", -9007199254740992.0, 9007199254740992.0),
];

/// Bits of a small number in binary16; whole numbers up to 2048 and quarters up to 512 are exact.
fn half(x: f64) -> u16 {
    if x == 0.0 {
        return 0;
    }
    let exponent = x.abs().log2().floor() as i32;
    let fraction = (x.abs() / 2f64.powi(exponent) - 1.0) * 1024.0;
    let sign = if x < 0.0 { 0x8000 } else { 0 };
    sign | (((exponent + 15) as u16) << 10) | fraction as u16
}

fn element(dtype: &str, x: f64, big: bool) -> Vec<u8> {
    let mut bytes = match dtype {
        "b1" | "u1" => vec![x as u8],
        "i1" => vec![x as i8 as u8],
        "i2" => (x as i16).to_le_bytes().to_vec(),
        "i4" => (x as i32).to_le_bytes().to_vec(),
        "i8" => (x as i64).to_le_bytes().to_vec(),
        "u2" => (x as u16).to_le_bytes().to_vec(),
        "u4" => (x as u32).to_le_bytes().to_vec(),
        "u8" => (x as u64).to_le_bytes().to_vec(),
        "f2" => half(x).to_le_bytes().to_vec(),
        "f4" => (x as f32).to_le_bytes().to_vec(),
        _ => x.to_le_bytes().to_vec(),
    };
    if big {
        bytes.reverse();
    }
    bytes
}

/// A file of this format.
pub fn npy(dtype: &str, big: bool, fortran: bool, rows: &[Vec<f64>]) -> Vec<u8> {
    let width = rows[0].len();
    let order = if dtype.ends_with('1') {
        '|'
    } else if big {
        '>'
    } else {
        '<'
    };
    let flag = if fortran { "True" } else { "False" };
    let shape = if width == 1 {
        format!("({},)", rows.len())
    } else {
        format!("({}, {width})", rows.len())
    };
    let mut head =
        format!("{{'descr': '{order}{dtype}', 'fortran_order': {flag}, 'shape': {shape}, }}");
    while (10 + head.len() + 1) % 64 != 0 {
        head.push(' ');
    }
    head.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((head.len() as u16).to_le_bytes());
    bytes.extend(head.as_bytes());
    let places: Vec<(usize, usize)> = if fortran {
        (0..width).flat_map(|c| (0..rows.len()).map(move |r| (r, c))).collect()
    } else {
        (0..rows.len()).flat_map(|r| (0..width).map(move |c| (r, c))).collect()
    };
    for (row, column) in places {
        bytes.extend(element(dtype, rows[row][column], big));
    }
    bytes
}

/// A file of this format.
pub fn idx(kind: u8, dtype: &str, rows: &[Vec<f64>]) -> Vec<u8> {
    let mut bytes = vec![0, 0, kind, 2];
    bytes.extend((rows.len() as u32).to_be_bytes());
    bytes.extend((rows[0].len() as u32).to_be_bytes());
    for x in rows.iter().flatten() {
        bytes.extend(element(dtype, *x, true));
    }
    bytes
}

/// A file of this format.
pub fn csv(rows: &[Vec<f64>], sep: &str, decimal: &str, header: bool) -> Vec<u8> {
    let mut text = String::new();
    if header {
        let names: Vec<String> = (0..rows[0].len()).map(|c| format!("c{c}")).collect();
        text += &format!("{}\n", names.join(sep));
    }
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .map(|x| if x.is_nan() { "NA".into() } else { x.to_string().replace('.', decimal) })
            .collect();
        text += &format!("{}\n", cells.join(sep));
    }
    text.into_bytes()
}

/// Sparse rows from index `first`, the last pair in front, with the number of the row as label.
pub fn svmlight(rows: &[Vec<f64>], first: usize) -> Vec<u8> {
    let mut text = String::new();
    for (label, row) in rows.iter().enumerate() {
        let pairs = row.iter().enumerate().filter(|(_, x)| **x != 0.0);
        let pairs: Vec<String> = pairs.map(|(at, x)| format!(" {}:{x}", at + first)).collect();
        text += &format!("{label}{}\n", pairs.into_iter().rev().collect::<String>());
    }
    text.into_bytes()
}
