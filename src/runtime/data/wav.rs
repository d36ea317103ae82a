//! `wav("folder")`: recordings as windows of sound. In: the arguments of a call, the declared fields. Out: a
//! [`Table`] with a row for each window, the parts of the name of its recording beside it. Windows of one recording
//! stay in one split.
//!
//! A field of indices reads levels: n of them, spaced as the ear hears (mu-law, ITU-T G.711 with mu = n - 1); a
//! field of reals reads amplitudes between -1 and 1. Several channels are averaged.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::args::Args;
use super::options::Options;
use super::raw::{Elements, WordList};
use super::source::{Load, Reach};
use super::{RawColumn, Table, memory, open, shown};
use crate::base::{Diagnostic, codes};
use crate::model::ir::{SPLITS, Support};
use glob::Pattern;
use std::collections::BTreeSet;
use std::io::Cursor;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// The column of sound.
pub(super) const SOUND: &str = "sound";
/// Windows start at most so far from each other.
const MOST_STRIDE: usize = 1 << 30;
/// A recording that is written has at most so many samples: its size is told in 32 bits.
const MOST_WRITTEN: usize = 1 << 30;
/// Samples in a second.
pub const RATES: RangeInclusive<u32> = 1..=1_000_000;

/// What a call says.
struct Call<'a> {
    folder: &'a str,
    names: Vec<&'a str>,
    stride: Option<usize>,
    pad: bool,
    test: Option<Pattern>,
    valid: Option<Pattern>,
}

/// A recording.
#[derive(Debug, PartialEq)]
struct Recording {
    samples: Vec<f32>,
    rate: u32,
}

/// Recordings in a folder.
pub fn source<'a>(args: &Args<'a>, _: &Options) -> Result<Load<'a>, Diagnostic> {
    let stride = args.count("stride", 1, MOST_STRIDE)?;
    let names = args.text("names")?.unwrap_or_default();
    let call = Call {
        folder: args.path("folder")?,
        names: names.split('_').filter(|_| !names.is_empty()).collect(),
        stride: args.get("stride").map(|_| stride),
        pad: args.flag("pad")?.unwrap_or(false),
        test: pattern(args, "test_files")?,
        valid: pattern(args, "valid_files")?,
    };
    let different: BTreeSet<&str> = call.names.iter().copied().chain(["", SOUND]).collect();
    if different.len() != call.names.len() + 2 {
        let text = "`names` says what the parts of a file's name are, with `_` between";
        return Err(args
            .wrong_at("names", text)
            .help("write it: `names = \"digit_speaker_take\"`"));
    }
    Ok(Load::rows(move |reach: &Reach| load(&call, reach)))
}

fn pattern(args: &Args, name: &str) -> Result<Option<Pattern>, Diagnostic> {
    let Some(text) = args.text(name)?.filter(|text| !text.is_empty()) else { return Ok(None) };
    Pattern::new(text).map(Some).map_err(|error| {
        let text = format!("`{name}` is no pattern of file names: {}", error.msg);
        args.wrong_at(name, text).help(format!("write it: `{name} = \"*_[0-4].wav\"`"))
    })
}

/// The sound that is wanted: how long a window is, and how many levels there are.
struct Wish {
    width: usize,
    shape: Vec<usize>,
    levels: Option<usize>,
}

fn load(call: &Call, reach: &Reach) -> Result<Table, Diagnostic> {
    let (wish, undeclared) = (wish(reach), reach.wanted.fields.is_empty());
    let files = files(call, reach)?;
    let (mut sound, mut split_of_row) = (Sound::new(&wish), Vec::new());
    let mut parts: Vec<Vec<&str>> = call.names.iter().map(|_| Vec::new()).collect();
    let (mut rate, mut samples, mut groups) = (None, 0, Vec::new());
    for (name, path) in &files {
        let words = words(call, name)?;
        let recording = read(&open::read(path)?, name)?;
        if *rate.get_or_insert(recording.rate) != recording.rate {
            let text = format!(
                "`{}` has {} samples a second, those before it {}",
                shown(name),
                recording.rate,
                rate.unwrap_or_default()
            );
            let help =
                "bring all recordings to one rate, for instance by `sox IN.wav -r 16000 OUT.wav`";
            return Err(Diagnostic::new(codes::RL2064, text).help(help));
        }
        samples += recording.samples.len();
        let split = split_of(call, name);
        let stride = call.stride.filter(|_| split == "train").unwrap_or(wish.width);
        let before = sound.rows;
        sound.cut(&recording.samples, stride, call.pad || undeclared, name)?;
        let group = groups.last().map_or(0, |last| last + 1);
        for _ in before..sound.rows {
            split_of_row.push(split);
            groups.push(group);
            parts.iter_mut().zip(&words).for_each(|(part, word)| part.push(word));
        }
    }
    if sound.rows == 0 {
        let text = format!(
            "no recording of `{}` has the {} samples of a window",
            shown(call.folder),
            wish.width
        );
        return Err(Diagnostic::new(codes::RL2064, text)
            .help("declare a shorter one, or write `pad = true`"));
    }
    let many = files.len();
    let found =
        format!("{many} recordings, {samples} samples, {} a second", rate.unwrap_or_default());
    let (rows, values) = (sound.rows, sound.elements);
    let shape = [&[rows], &wish.shape[..]].concat();
    let mut columns = vec![RawColumn::new(SOUND, shape, values)];
    for (name, words) in call.names.iter().zip(parts) {
        columns.push(RawColumn::new(name, vec![rows], part(&words)));
    }
    let mut table = Table::new(columns, true);
    table.splits = splits(call, &split_of_row);
    table.groups = groups;
    table.rate = rate;
    table.found.push(found);
    Ok(table)
}

/// A part of names: numbers where all are, else words.
fn part(words: &[&str]) -> Elements {
    let numbers: Option<Vec<i64>> = words.iter().map(|word| word.parse().ok()).collect();
    numbers.map_or_else(
        || {
            let mut list = WordList::default();
            words.iter().for_each(|word| list.push(word, || word.parse().ok()));
            Elements::Words(list.words)
        },
        Elements::integers,
    )
}

/// A second of 16 kHz where nothing is declared.
fn wish(reach: &Reach) -> Wish {
    let field = reach.wanted.fields.iter().find(|field| field.name == SOUND);
    let shape = field.map_or(vec![16_000], |field| field.ty.shape.clone());
    let levels = field.and_then(|field| match field.ty.support {
        Support::Index(n) => Some(n.max(2)),
        _ => None,
    });
    Wish { width: shape.iter().product::<usize>().max(1), shape, levels }
}

/// The recordings of a folder by their names.
fn files(call: &Call, reach: &Reach) -> Result<Vec<(String, PathBuf)>, Diagnostic> {
    let folder = reach.root.resolve(call.folder)?;
    let failed = |error: std::io::Error| {
        let text = format!("cannot read the folder `{}`: {error}", shown(call.folder));
        Diagnostic::new(codes::RL2073, text).help("name a folder with files that end in `.wav`")
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let Some(name) = name.to_str() else { continue };
        let is_sound =
            Path::new(name).extension().is_some_and(|end| end.eq_ignore_ascii_case("wav"));
        if is_sound {
            // A link that leads out of the folder is refused.
            let path = reach.root.resolve(&format!("{}/{name}", call.folder))?;
            files.push((name.to_string(), path));
        }
    }
    files.sort();
    if files.is_empty() {
        let text = format!("no file of the folder `{}` ends in `.wav`", shown(call.folder));
        return Err(Diagnostic::new(codes::RL2073, text).help("name the folder of the recordings"));
    }
    Ok(files)
}

/// The parts of a file's name.
fn words<'n>(call: &Call, name: &'n str) -> Result<Vec<&'n str>, Diagnostic> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let words: Vec<&str> = if call.names.is_empty() { vec![] } else { stem.split('_').collect() };
    if words.len() == call.names.len() {
        return Ok(words);
    }
    let text = format!(
        "the name of `{}` has {} parts, `names = \"{}\"` {}",
        shown(name),
        words.len(),
        call.names.join("_"),
        call.names.len()
    );
    Err(Diagnostic::new(codes::RL2063, text).help("parts of a name stand between `_`"))
}

fn split_of(call: &Call, name: &str) -> &'static str {
    let is = |pattern: &Option<Pattern>| pattern.as_ref().is_some_and(|p| p.matches(name));
    match (is(&call.test), is(&call.valid)) {
        (true, _) => "test",
        (_, true) => "valid",
        _ => "train",
    }
}

/// Rows of the splits that patterns say; none where no pattern is given.
fn splits(call: &Call, of: &[&'static str]) -> Vec<(String, Vec<u32>)> {
    if call.test.is_none() && call.valid.is_none() {
        return vec![];
    }
    let rows = |split: &&'static str| {
        let own = (0..).zip(of).filter(|(_, of)| *of == split).map(|(row, _)| row);
        (split.to_string(), own.collect::<Vec<u32>>())
    };
    SPLITS.iter().map(rows).filter(|(_, rows)| !rows.is_empty()).collect()
}

/// Windows one after the other.
struct Sound<'w> {
    wish: &'w Wish,
    rows: usize,
    elements: Elements,
}

impl<'w> Sound<'w> {
    fn new(wish: &'w Wish) -> Sound<'w> {
        let elements = match wish.levels {
            None => Elements::F32(Vec::new()),
            Some(0..=256) => Elements::U8(Vec::new()),
            Some(_) => Elements::I32(Vec::new()),
        };
        Sound { wish, rows: 0, elements }
    }

    /// Adds the windows of a recording; what is left at its end is left out, or filled up with silence.
    fn cut(
        &mut self,
        samples: &[f32],
        stride: usize,
        pad: bool,
        name: &str,
    ) -> Result<(), Diagnostic> {
        let width = self.wish.width;
        let whole = samples.len().checked_sub(width).map_or(0, |rest| rest / stride.max(1) + 1);
        // What no window shows, and the next one would.
        let shown = whole.checked_sub(1).map_or(0, |last| last * stride + width);
        let left = shown.max(whole * stride) < samples.len();
        let rows = whole + usize::from(pad && left);
        let most = u32::MAX as usize;
        if self.rows + rows > most {
            let text = format!("more than {most} windows");
            return Err(Diagnostic::new(codes::RL2012, text).help("write a larger `stride`"));
        }
        memory::room((self.rows + rows).saturating_mul(width).saturating_mul(4), name)?;
        for row in 0..rows {
            let window = samples.iter().skip(row * stride).take(width).copied();
            let silence = std::iter::repeat(0.0);
            self.add(window.chain(silence).take(width));
        }
        self.rows += rows;
        Ok(())
    }

    fn add(&mut self, window: impl Iterator<Item = f32>) {
        let levels = self.wish.levels.unwrap_or(2);
        match &mut self.elements {
            Elements::F32(list) => list.extend(window),
            Elements::U8(list) => list.extend(window.map(|x| mu_law(x, levels) as u8)),
            Elements::I32(list) => list.extend(window.map(|x| mu_law(x, levels) as i32)),
            _ => {}
        }
    }
}

/// The level of an amplitude.
fn mu_law(x: f32, levels: usize) -> usize {
    let mu = levels.saturating_sub(1).max(1) as f64;
    let x = f64::from(x).clamp(-1.0, 1.0);
    let bent = x.signum() * (mu * x.abs()).ln_1p() / mu.ln_1p();
    ((bent + 1.0) / 2.0 * mu).round() as usize
}

/// The amplitude of a level.
fn amplitude(level: f32, levels: usize) -> f32 {
    let mu = levels.saturating_sub(1).max(1) as f64;
    let bent = (2.0 * f64::from(level) / mu - 1.0).clamp(-1.0, 1.0);
    (bent.signum() * (bent.abs() * mu.ln_1p()).exp_m1() / mu) as f32
}

/// A recording of 16 bits of all rows, a quarter of a second between them. Of `levels` or amplitudes; what
/// is beyond -1 and 1 is cut off, what is no number is silent.
pub fn write(
    rows: &[f32],
    width: usize,
    levels: Option<usize>,
    rate: u32,
) -> Result<Vec<u8>, hound::Error> {
    let sample_format = hound::SampleFormat::Int;
    let spec =
        hound::WavSpec { channels: 1, sample_rate: rate, bits_per_sample: 16, sample_format };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec)?;
    let pauses = (rows.len() / width.max(1)).saturating_mul(rate as usize / 4);
    if rows.len().saturating_add(pauses) > MOST_WRITTEN {
        return Err(hound::Error::FormatError("more samples than a recording holds"));
    }
    for (at, row) in rows.chunks(width.max(1)).enumerate() {
        let pause = if at == 0 { 0 } else { rate / 4 };
        (0..pause).try_for_each(|_| writer.write_sample(0i16))?;
        for x in row {
            let x = levels.map_or(*x, |levels| amplitude(*x, levels));
            // A cast of what is no number gives 0.
            writer.write_sample((x.clamp(-1.0, 1.0) * 32767.0).round() as i16)?;
        }
    }
    writer.finalize()?;
    Ok(bytes.into_inner())
}

/// The samples of a file of RIFF WAVE, channels averaged.
fn read(bytes: &[u8], name: &str) -> Result<Recording, Diagnostic> {
    let wrong = |error: hound::Error| {
        let text = format!("`{}` is no recording that can be read: {error}", shown(name));
        let help = "samples are whole numbers of 8 to 32 bits or reals of 32 bits, not compressed";
        Diagnostic::new(codes::RL2017, text).help(help)
    };
    let mut reader = hound::WavReader::new(Cursor::new(bytes)).map_err(wrong)?;
    let spec = reader.spec();
    if !RATES.contains(&spec.sample_rate) {
        return Err(wrong(hound::Error::FormatError("no usual number of samples a second")));
    }
    let channels = usize::from(spec.channels).max(1);
    let values: Vec<f32> = match spec.sample_format {
        hound::SampleFormat::Float => {
            reader.samples::<f32>().collect::<Result<_, _>>().map_err(wrong)?
        }
        hound::SampleFormat::Int => {
            let most = (1u64 << spec.bits_per_sample.saturating_sub(1).min(32)) as f64;
            let scaled = |x: Result<i32, hound::Error>| x.map(|x| (f64::from(x) / most) as f32);
            reader.samples::<i32>().map(scaled).collect::<Result<_, _>>().map_err(wrong)?
        }
    };
    let finite = |x: f32| if x.is_finite() { x } else { 0.0 };
    let mean = |all: &[f32]| all.iter().map(|x| finite(*x)).sum::<f32>() / channels as f32;
    let samples = values.chunks_exact(channels).map(mean).collect();
    Ok(Recording { samples, rate: spec.sample_rate })
}

#[cfg(test)]
#[path = "wav_tests.rs"]
mod tests;
