//! Indices in the text. In: extents, steps and the names of indices. Out: expressions of places.

use crate::plan::View;
use std::fmt::Write;

/// An affine function of indices as an expression of `u32`; overflow wraps, so that negative steps
/// are right in the end.
pub fn affine(offset: isize, strides: &[isize], index: &[String]) -> String {
    let mut text = String::new();
    let term = |text: &mut String, size: isize, name: &str| {
        let sign = match (text.is_empty(), size < 0) {
            (true, true) => "0u - ",
            (true, false) => "",
            (false, true) => " - ",
            (false, false) => " + ",
        };
        text.push_str(sign);
        match size.unsigned_abs() {
            1 => text.push_str(name),
            n => text.push_str(&format!("{name} * {n}u")),
        }
    };
    if offset != 0 {
        text = if offset < 0 { format!("0u - {}u", -offset) } else { format!("{offset}u") };
    }
    for (stride, name) in strides.iter().zip(index) {
        if *stride != 0 {
            term(&mut text, *stride, name);
        }
    }
    if text.is_empty() { "0u".into() } else { text }
}

/// The same of a view.
pub fn at(view: &View, index: &[String]) -> String {
    affine(view.offset, &view.strides, index)
}

/// Statements that take a number apart into indices of a shape, last dim fastest. Dims of one are 0.
pub fn digits(
    text: &mut String,
    indent: &str,
    number: &str,
    prefix: &str,
    shape: &[usize],
) -> Vec<String> {
    let mut names = vec!["0u".to_string(); shape.len()];
    let real: Vec<usize> = (0..shape.len()).filter(|d| shape[*d] != 1).collect();
    let mut rest = number.to_string();
    for (k, d) in real.iter().enumerate().rev() {
        let name = format!("{prefix}{d}");
        let n = shape[*d];
        if k == 0 {
            if rest == number && !number.contains(' ') {
                names[*d] = rest.clone();
                continue;
            }
            writeln!(text, "{indent}let {name} = {rest};").ok();
        } else {
            writeln!(text, "{indent}let {name} = {} % {n}u;", paren(&rest)).ok();
            rest = format!("{} / {n}u", paren(&rest));
            if k > 1 {
                let left = format!("{prefix}r{d}");
                writeln!(text, "{indent}let {left} = {rest};").ok();
                rest = left;
            }
        }
        names[*d] = name;
    }
    names
}

fn paren(text: &str) -> String {
    if text.contains(' ') { format!("({text})") } else { text.to_string() }
}
