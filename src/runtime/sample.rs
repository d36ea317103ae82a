//! Sample phases. In: a session and a phase. Out: files in memory: name and bytes.

use super::data::kept::Kept;
use super::data::npz;
use super::data::raw::Elements;
use super::data::rows::Rows;
use super::data::tokens::Unit;
use super::data::wav;
use super::eval::{Ran, no_mixed_rest, sweep};
use super::job::PhaseSpec;
use super::session::Session;
use super::sheet;
use crate::backend::{Data, Tensor};
use crate::base::text::visible;
use crate::base::{Diagnostic, codes};
use crate::graph::Named;
use crate::translate::program::Emit;

/// Samples of sound in a second, where no recording says how many.
const RATE: u32 = 16_000;

/// A file that a sample phase gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Emitted {
    /// Its name, with ending.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Runs a sample phase: the first rows of its split, or draws without data.
pub fn sample<'a>(
    session: &mut Session<'a>,
    phase: &'a PhaseSpec,
) -> Result<Vec<Emitted>, Diagnostic> {
    let mut values: Vec<Tensor> = Vec::new();
    let mut collect = |session: &Session<'a>, ran: Ran<'a>| {
        no_mixed_rest(&ran)?;
        for emit in &phase.emits {
            let value = session.output(ran.phase.plan, &Named::Emit(&emit.name).to_string());
            values.push(head(value, ran.phase.batch, ran.real));
        }
        Ok(())
    };
    match session.split(phase)? {
        Some(rows) => {
            let first = Rows::Listed(rows.some(0..phase.batch));
            sweep(session, phase, &first, collect)?;
        }
        None => {
            let inputs = session.inputs(phase, &[], 0, 1);
            session.launch(phase.plan, &inputs);
            collect(session, Ran { phase, real: phase.batch, filled: false })?;
        }
    }
    let mut files = Vec::new();
    for (emit, value) in phase.emits.iter().zip(&values) {
        let words = vocabulary(session, emit);
        let rate = session.read_as.iter().find_map(|kept| kept.rate).unwrap_or(RATE);
        files.extend(write(&phase.name, emit, value, (&words, rate))?);
    }
    Ok(files)
}

/// The first `real` rows of `[B, ...]`.
pub fn head(mut tensor: Tensor, batch: usize, real: usize) -> Tensor {
    if tensor.shape.first() != Some(&batch) {
        return tensor;
    }
    let width: usize = tensor.shape[1..].iter().product();
    tensor.shape[0] = real;
    match &mut tensor.data {
        Data::F32(values) => values.truncate(real * width),
        Data::F64(values) => values.truncate(real * width),
        Data::I32(values) => values.truncate(real * width),
    }
    tensor
}

/// The elements as npz holds them.
pub fn elements(tensor: &Tensor) -> Elements {
    match &tensor.data {
        Data::I32(values) => Elements::I32(values.clone()),
        _ => Elements::F32(tensor.to_f32()),
    }
}

/// What indices stand for in a text, and what stands between two of them.
enum Vocabulary<'a> {
    /// Words.
    Words(&'a [String], &'a str),
    /// Bytes.
    Bytes,
    /// Nothing: a field of numbers has no words.
    Numbers,
}

/// The words of an emitted value: those that the file lists, or those of a field.
fn vocabulary<'a>(session: &'a Session, emit: &'a Emit) -> Vocabulary<'a> {
    let Some((data, field)) = &emit.of else {
        return Vocabulary::Words(&emit.words, &emit.between);
    };
    let kept = session.read_as.iter().find(|kept| kept.data == *data && kept.field == *field);
    match kept {
        Some(Kept { tokens: Some(Unit::Byte), .. }) => Vocabulary::Bytes,
        Some(kept) if !kept.words.is_empty() => {
            Vocabulary::Words(&kept.words, kept.tokens.map_or(" ", Unit::between))
        }
        _ => Vocabulary::Numbers,
    }
}

fn write(
    phase: &str,
    emit: &Emit,
    value: &Tensor,
    (words, rate): (&Vocabulary, u32),
) -> Result<Vec<Emitted>, Diagnostic> {
    let stem = if phase == emit.name {
        plain(phase)
    } else {
        format!("{}-{}", plain(phase), plain(&emit.name))
    };
    let file = |ending: &str, bytes| Emitted { name: format!("{stem}.{ending}"), bytes };
    let drawn = |bytes: Result<Vec<u8>, String>| {
        bytes.map(|bytes| file("png", bytes)).map_err(|why| {
            Diagnostic::new(codes::RL4002, format!("cannot draw `{}`: {why}", emit.name))
        })
    };
    let row = value.shape.get(1..).unwrap_or_default();
    Ok(match emit.format.as_str() {
        "image" => vec![drawn(sheet::images(&value.to_f32(), row, emit.range))?],
        "points" if row == [2] => {
            vec![drawn(sheet::points(&value.to_f32()))?, file("csv", table(value))]
        }
        "points" | "table" => vec![file("csv", table(value))],
        "text" => vec![file("txt", spelled(value, words))],
        "sound" => {
            let levels = emit.range.filter(|_| matches!(value.data, Data::I32(_)));
            let levels = levels.map(|(_, last)| (last as usize).saturating_add(1));
            let width = row.iter().product();
            let bytes = wav::write(&value.to_f32(), width, levels, rate).map_err(|why| {
                Diagnostic::new(codes::RL4002, format!("cannot write `{}`: {why}", emit.name))
            });
            vec![file("wav", bytes?)]
        }
        _ => {
            let array = (plain(&emit.name), value.shape.clone(), elements(value));
            vec![file("npz", npz::write(&[array]))]
        }
    })
}

/// A name without what could lead to another folder.
fn plain(name: &str) -> String {
    let fit = |c: char| if c.is_alphanumeric() || c == '_' { c } else { '-' };
    name.chars().map(fit).collect()
}

/// One row a line, values with commas between them.
fn table(value: &Tensor) -> Vec<u8> {
    joined(value, ",")
}

/// One row a line. Rows of character codes become characters, other rows numbers.
fn lines(value: &Tensor) -> Vec<u8> {
    let Data::I32(codes) = &value.data else { return joined(value, " ") };
    let readable = |c: &i32| (32..127).contains(c) || *c == 10;
    if !codes.iter().all(readable) {
        return joined(value, " ");
    }
    let width = value.shape.get(1..).unwrap_or_default().iter().product::<usize>().max(1);
    let mut text = Vec::new();
    for row in codes.chunks(width) {
        text.extend(row.iter().map(|c| *c as u8));
        text.push(b'\n');
    }
    text
}

/// One row a line, an entry of the vocabulary for each index. Rows of several lines have a line `---`
/// between them.
fn spelled(value: &Tensor, words: &Vocabulary) -> Vec<u8> {
    let Data::I32(indices) = &value.data else { return lines(value) };
    let width = value.shape.get(1..).unwrap_or_default().iter().product::<usize>().max(1);
    let text = |row: &[i32]| match words {
        Vocabulary::Numbers => row.iter().map(i32::to_string).collect::<Vec<_>>().join(" "),
        Vocabulary::Bytes => {
            let bytes: Vec<u8> = row.iter().map(|index| *index as u8).collect();
            String::from_utf8_lossy(&bytes).into_owned()
        }
        Vocabulary::Words(words, between) => {
            let word = |index: &i32| {
                let word = usize::try_from(*index).ok().and_then(|at| words.get(at));
                word.map_or("\u{fffd}", String::as_str)
            };
            // Where no word has the number 0, it is the end.
            let ends = words.first().is_some_and(String::is_empty);
            let row = row.iter().take_while(|index| !ends || **index != 0);
            row.map(word).collect::<Vec<_>>().join(between)
        }
    };
    if matches!(words, Vocabulary::Words([], _)) {
        return lines(value);
    }
    // A vocabulary is text from a file, and a file like this one is often shown on a terminal.
    let shown = |row: &[i32]| visible(&text(row), &['\n', '\t']) + "\n";
    let rows: Vec<String> = indices.chunks(width).map(shown).collect();
    let several = rows.iter().any(|row| row.trim_end_matches('\n').contains('\n'));
    rows.join(if several { "---\n" } else { "" }).into_bytes()
}

fn joined(value: &Tensor, between: &str) -> Vec<u8> {
    let width = value.shape.get(1..).unwrap_or_default().iter().product::<usize>().max(1);
    let words: Vec<String> = match &value.data {
        Data::F32(values) => values.iter().map(f32::to_string).collect(),
        Data::F64(values) => values.iter().map(f64::to_string).collect(),
        Data::I32(values) => values.iter().map(i32::to_string).collect(),
    };
    let text: String = words.chunks(width).map(|row| row.join(between) + "\n").collect();
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_are_spelled_by_what_they_stand_for() {
        let value = Tensor::i32([2, 2], vec![72, 105, 33, 10]);
        let text = |words: &Vocabulary| String::from_utf8(spelled(&value, words)).unwrap();
        let words: Vec<String> = (0..110).map(|n| format!("w{n}")).collect();
        assert_eq!(text(&Vocabulary::Words(&words, " ")), "w72 w105\nw33 w10\n");
        // Without words of its own a value may be character codes; that of a field of numbers is none.
        assert_eq!(text(&Vocabulary::Words(&[], "")), "Hi\n!\n\n");
        assert_eq!(text(&Vocabulary::Numbers), "72 105\n33 10\n");
        let lines = Tensor::i32([2, 3], vec![97, 10, 98, 99, 100, 101]);
        let text = String::from_utf8(spelled(&lines, &Vocabulary::Bytes)).unwrap();
        assert_eq!(text, "a\nb\n---\ncde\n");
    }
}
