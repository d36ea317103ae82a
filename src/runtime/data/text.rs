//! `text("file.txt")`: a text as windows of tokens. In: the arguments of a call, the declared fields.
//! Out: a [`Sequence`], and of it a [`Dataset`]. What a token is stands in [`tokens`](super::tokens).

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use super::args::{self, Args};
use super::facts::{Facts, FieldFact};
use super::fields::Wanted;
use super::kept::Kept;
use super::options::Options;
use super::readers::{self, Named};
use super::rows::Rows;
use super::sampler::{Ask, Sampler, Told};
use super::source::{Load, Reach, about};
use super::tokens::{self, Unit, Unknown};
use super::windows::{Sentences, Span, Tokens, Windows};
use super::{Column, Dataset, Values, select, shown};
use crate::base::{Diagnostic, codes};
use crate::model::ir::{Source, Support};
use serde_json::json;
use std::ops::Range;
use std::sync::Arc;

/// Windows start at most so far from each other.
const MOST_STRIDE: usize = 1 << 30;

/// A text as numbers, not cut into windows yet.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// The number of each token.
    pub tokens: Arc<Tokens>,
    /// The splits that the text is, or will be cut into.
    pub parts: Vec<(String, Range<usize>)>,
    /// What a token is.
    pub unit: Unit,
    /// What the numbers stand for; nothing of bytes.
    pub words: Vec<String>,
    /// The first number of each kind of tokens; nothing where all are of one kind.
    pub kinds: Vec<u32>,
    /// Where it is cut.
    pub sentences: Sentences,
    /// How much later the next window of the training split starts, if the call says it.
    pub stride: Option<usize>,
    /// What was found and not said by the call.
    pub found: Vec<String>,
    /// Whether the splits are cut by shares that nobody named.
    pub by_default: bool,
}

/// What a call says.
struct Call<'a> {
    files: Vec<Named<'a>>,
    unit: Unit,
    unknown: Unknown<'a>,
    min_count: usize,
    stride: Option<usize>,
}

/// A text, and texts beside it that are the other splits.
pub fn source<'a>(args: &Args<'a>, options: &Options) -> Result<Load<'a>, Diagnostic> {
    let call = Call {
        files: readers::files(args, options)?,
        unit: unit(args)?,
        unknown: unknown(args)?,
        min_count: args.count("min_count", 1, u32::MAX as usize)?,
        stride: match args.get("stride") {
            Some(_) => Some(args.count("stride", 1, MOST_STRIDE)?).filter(|stride| *stride > 0),
            None => None,
        },
    };
    rows_only(args, options)?;
    let options = options.clone();
    Ok(Load::Sequence(Box::new(move |reach: &Reach| load(&call, reach, &options))))
}

pub(super) fn unit(args: &Args) -> Result<Unit, Diagnostic> {
    let Some(word) = args.text("tokens")?.filter(|word| !word.is_empty()) else {
        return Ok(Unit::Char);
    };
    let found = Unit::ALL.into_iter().find(|(name, _)| *name == word);
    found.map(|(_, unit)| unit).ok_or_else(|| {
        let text = format!("`tokens = \"{}\"` is not known", word.escape_debug());
        args.wrong_at("tokens", text).help("write \"char\", \"word\" or \"byte\"")
    })
}

pub(super) fn unknown<'a>(args: &Args<'a>) -> Result<Unknown<'a>, Diagnostic> {
    Ok(match args.text("unknown")? {
        None | Some("") => Unknown::Refused,
        Some("drop") => Unknown::Dropped,
        Some(token) => Unknown::Token(token),
    })
}

/// Options about tables say nothing of a sequence.
pub(super) fn rows_only(args: &Args, options: &Options) -> Result<(), Diagnostic> {
    let given = [
        ("binarize", options.binarize.is_some()),
        ("scale", options.scale.is_some()),
        ("nan", options.allow_nan),
        ("missing", options.missing.is_some()),
        ("standardize", options.standardize),
        ("folds", options.folds.is_some()),
        ("label", options.label.is_some()),
        ("class", options.class.is_some()),
        ("per_class", options.per_class.is_some()),
        ("labels", options.shuffled),
    ];
    let Some((name, _)) = given.into_iter().find(|(_, given)| *given) else { return Ok(()) };
    let error = args.wrong(format!("`{name}` says nothing of a sequence")).help("leave it out");
    Err(options.at(name, error))
}

fn load(call: &Call, reach: &Reach, options: &Options) -> Result<Sequence, Diagnostic> {
    let inputs = readers::inputs(&call.files, reach.root)?;
    let kept = kept(&reach.wanted);
    let unit = match kept.and_then(|kept| kept.tokens) {
        Some(unit) if unit != call.unit => return Err(other_unit(unit, call.unit)),
        _ => call.unit,
    };
    let most = reach.wanted.fields.iter().filter_map(|field| match field.ty.support {
        Support::Index(n) => Some(n),
        _ => None,
    });
    let ask = tokens::Ask {
        unit,
        unknown: match (call.unknown, kept.map_or(&[][..], |kept| &kept.words)) {
            // What is unknown to the run has the number that it had there.
            (Unknown::Token(token), [first, ..]) if first != token => Unknown::Refused,
            (unknown, _) => unknown,
        },
        min_count: call.min_count,
        most: most.min(),
        known: kept.map_or(&[], |kept| &kept.words),
    };
    let read = tokens::read(inputs, &ask)?;
    let many = unit.many();
    let mut found = vec![match read.words.len() {
        0 => format!("{} {many}", read.tokens.len()),
        n => format!("{} {many}, {n} different", read.tokens.len()),
    }];
    if read.unknown > 0 {
        let what = if ask.unknown == Unknown::Dropped { "left out" } else { "unknown" };
        found.push(format!("{} {many} {what}", read.unknown));
    }
    let parts = parts(&call.files, read.parts, options)?;
    let by_default = call.files.len() == 1 && options.split.is_none() && !options.whole;
    let (tokens, words) = (Arc::new(read.tokens), read.words);
    let sentences = Sentences::One;
    let (kinds, stride) = (vec![], call.stride);
    Ok(Sequence { tokens, parts, unit, words, kinds, sentences, stride, found, by_default })
}

/// What a run has kept of a field of the text; all of them have one vocabulary.
fn kept<'a>(wanted: &Wanted<'a>) -> Option<&'a Kept> {
    let mut all = wanted.fields.iter().filter_map(|field| wanted.kept(&field.name));
    all.find(|kept| kept.tokens.is_some())
}

pub(super) fn other_unit(kept: Unit, called: Unit) -> Diagnostic {
    let text = format!("the run has read {}, this call reads {}", kept.many(), called.many());
    let name = Unit::ALL.into_iter().find(|(_, unit)| *unit == kept).map_or("", |(name, _)| name);
    Diagnostic::new(codes::RL2066, format!("source `text`: {text}"))
        .help(format!("write `tokens = \"{name}\"`"))
}

/// Which tokens are for training, validation and test: files of their own, or parts of one text, one
/// behind the other, since what is next to each other in a text is alike.
fn parts(
    files: &[Named],
    texts: Vec<Range<usize>>,
    options: &Options,
) -> Result<Vec<(String, Range<usize>)>, Diagnostic> {
    let parts: Vec<(String, Range<usize>)> = match texts.as_slice() {
        [one] => return shares(one.len(), options),
        _ => files.iter().zip(texts).map(|((name, _), part)| (name.to_string(), part)).collect(),
    };
    with_valid(parts, options)
}

/// Parts of one sequence, one behind the other, as the options say it.
pub(super) fn shares(
    len: usize,
    options: &Options,
) -> Result<Vec<(String, Range<usize>)>, Diagnostic> {
    let (names, shares) = select::shares(options)?;
    let (mut share, mut start, mut parts) = (0.0, 0, Vec::new());
    for (name, own) in names.iter().zip(shares) {
        share += own;
        let end = ((share * len as f64).round() as usize).clamp(start, len);
        parts.push((name.to_string(), start..end));
        start = end;
    }
    with_valid(parts, options)
}

/// The end of the training part for validation, if that is asked for.
fn with_valid(
    mut parts: Vec<(String, Range<usize>)>,
    options: &Options,
) -> Result<Vec<(String, Range<usize>)>, Diagnostic> {
    if let (Some(share), Some((_, train))) = (options.valid, parts.first_mut()) {
        let cut = train.end - (train.len() as f64 * share).round() as usize;
        let valid = cut..train.end;
        train.end = cut;
        if parts.iter().any(|(name, _)| name == "valid") {
            return Err(options.at("valid", select::has_valid(share)));
        }
        parts.insert(1, ("valid".into(), valid));
    }
    Ok(parts)
}

impl Ask<'_> {
    /// Cuts a text into windows, each as long as the fields: the first field reads the window, a
    /// second one the tokens that follow each of them.
    fn windows(&self, sequence: &Sequence) -> Result<Dataset, Diagnostic> {
        let width = self.width(sequence)?;
        let shift = self.fields.len().saturating_sub(1);
        let (mut splits, mut spans, mut row) = (Vec::new(), Vec::new(), 0);
        for (name, part) in &sequence.parts {
            // Every token of what is evaluated counts once.
            let stride = sequence.stride.filter(|_| name == "train").unwrap_or(width);
            let stride = self.by_sentences(sequence, width + shift)?.unwrap_or(stride);
            let mut span = Span::of(part.clone(), (width + shift, stride), row);
            if let (Some(rows), "train") = (self.options.rows, name.as_str()) {
                self.enough(rows, span.rows)?;
                span.rows = rows;
            }
            let end = row + span.rows;
            let Ok(last) = u32::try_from(end) else {
                let text = format!("{end} windows, at most {} are read", u32::MAX);
                return Err(about(codes::RL2012, self.origin, text).help("write a larger `stride`"));
            };
            splits.push((name.clone(), Rows::Next(row as u32..last)));
            spans.push(span);
            row = end;
        }
        if row == 0 {
            return Err(self.no_window(sequence, width + shift));
        }
        let mut found = sequence.found.clone();
        found.push(told(&spans, &sequence.parts, width));
        let spans: Arc<[Span]> = spans.into();
        let (mut columns, mut fields, mut kept) = (Vec::new(), Vec::new(), Vec::new());
        for (shift, field) in self.fields.iter().enumerate() {
            let (tokens, spans) = (sequence.tokens.clone(), spans.clone());
            let values = Values::Made(Arc::new(Windows { tokens, spans, shift }));
            columns.push(Column {
                name: field.name.clone(),
                shape: field.ty.shape.clone(),
                values,
            });
            let from = if shift == 0 { "tokens" } else { "next" };
            let words = sequence.words.clone();
            let tokens = Some(sequence.unit);
            kept.push(Kept {
                data: self.name.into(),
                field: field.name.clone(),
                words: words.clone(),
                tokens,
                ..Kept::default()
            });
            let columns = vec![from.to_string()];
            fields.push(FieldFact { words, tokens, columns, ..FieldFact::new(field) });
        }
        let facts = Facts { dropped: 0, by_default: sequence.by_default, found, fields };
        let (name, origin) = (self.name.to_string(), self.origin.to_string());
        Ok(Dataset { name, origin, rows: row, columns, splits, facts, kept })
    }

    /// How long a window is. All fields have the same dims, and numbers enough.
    fn width(&self, sequence: &Sequence) -> Result<usize, Diagnostic> {
        let wrong = |code, text: String| about(code, self.origin, text);
        let Some(first) = self.fields.first() else { return Ok(1) };
        let entries = match sequence.words.len() {
            0 => sequence.tokens.bound(),
            n => n,
        };
        for field in self.fields {
            let name = &field.name;
            let Support::Index(n) = field.ty.support else {
                let text = format!("field `{name}` reads tokens of a text");
                let help = format!("declare it `{name}: idx({})[64]`", entries.max(1));
                return Err(wrong(codes::RL2062, text).help(help));
            };
            if entries > n {
                let many = sequence.unit.many();
                let text =
                    format!("field `{name}`, declared idx({n}), has {entries} different {many}");
                let help = match sequence.unit {
                    Unit::Byte => "declare it idx(256)".to_string(),
                    _ => format!("declare it idx({entries})"),
                };
                return Err(wrong(codes::RL2005, text).help(help));
            }
            if field.ty.shape != first.ty.shape {
                let text = format!("fields `{}` and `{name}` have other dims", first.name);
                let help =
                    format!("windows of all fields are of one length: `{name}: idx({n})[64]`");
                return Err(wrong(codes::RL2064, text).help(help));
            }
        }
        if let Some(third) = self.fields.get(2) {
            let text = format!("a text has nothing for field `{}`", third.name);
            return Err(wrong(codes::RL2063, text).help(
                "the first field reads a window, the second one the token after each of its tokens",
            ));
        }
        Ok(first.ty.shape.iter().product::<usize>().max(1))
    }

    fn no_window(&self, sequence: &Sequence, width: usize) -> Diagnostic {
        let (n, many) = (sequence.tokens.len(), sequence.unit.many());
        let longest = sequence.parts.iter().map(|(_, part)| part.len()).max().unwrap_or(0);
        let text = format!(
            "a window has {width} tokens, the text {n} {many}, at most {longest} in a split"
        );
        let error = about(codes::RL2064, self.origin, text);
        error.help("declare a shorter window, or take a longer text")
    }

    /// How far windows stand from each other where each begins a sentence.
    fn by_sentences(&self, of: &Sequence, width: usize) -> Result<Option<usize>, Diagnostic> {
        let (text, help) = match of.sentences {
            Sentences::One => return Ok(None),
            Sentences::Every(n) if width <= n => return Ok(Some(n)),
            Sentences::Every(n) => {
                (format!("a window has {width} tokens, a walk {n}"), "declare a shorter window")
            }
            Sentences::At(_) => (
                "some walks end early, where no edge leads on".to_string(),
                "read them by `skipgrams(walks(...))`, or walk without `directed`",
            ),
        };
        Err(about(codes::RL2064, self.origin, text).help(help))
    }

    pub(super) fn enough(&self, rows: usize, found: usize) -> Result<(), Diagnostic> {
        if rows <= found {
            return Ok(());
        }
        let text = format!("`rows = {rows}`: there are {found} training rows");
        let error = Diagnostic::new(codes::RL2074, text);
        Err(self.options.at("rows", error.help(format!("write {found} or less; 0 takes all"))))
    }
}

impl Sampler for Sequence {
    fn dataset(&self, ask: &Ask) -> Result<Dataset, Diagnostic> {
        ask.windows(self)
    }

    fn told(&self, call: &Source) -> Told {
        let mut lines = self.found.join("\n") + "\n";
        let first: Vec<String> = self.words.iter().take(100).map(|word| shown(word)).collect();
        if !first.is_empty() {
            let more = if self.words.len() > 100 { " ..." } else { "" };
            lines.push_str(&format!("vocabulary {}{more}\n", first.join(" ")));
        }
        let (many, default) = (self.unit.many(), if self.by_default { " by default" } else { "" });
        for (name, part) in &self.parts {
            lines.push_str(&format!("split {name} {} {many}{default}\n", part.len()));
        }
        let (from, entries) = (args::describe(call), self.entries());
        let width = if let Sentences::Every(n) = self.sentences { n } else { 64 };
        lines.push_str(&format!(
            "to read windows of {width}: data corpus from {from} {{ x: idx({entries})[{width}] }}\n"
        ));
        let of =
            |(name, part): &(String, Range<usize>)| json!({ "name": name, "tokens": part.len() });
        let splits: Vec<_> = self.parts.iter().map(of).collect();
        let json = json!({
            "tokens": self.tokens.len(), "unit": self.unit, "words": self.words,
            "found": self.found, "splits": splits, "default_split": self.by_default,
        });
        Told { text: lines, json }
    }
}

impl Sequence {
    /// How many different tokens there may be.
    pub fn entries(&self) -> usize {
        if self.words.is_empty() { 256 } else { self.words.len() }
    }
}

/// How windows stand on the text.
fn told(spans: &[Span], parts: &[(String, Range<usize>)], width: usize) -> String {
    let of = |((name, part), span): (&(String, Range<usize>), &Span)| {
        let every = if span.stride == width {
            String::new()
        } else {
            format!(", one every {}", span.stride)
        };
        format!("{} of {} tokens for {name}{every}", span.rows, part.len())
    };
    let each: Vec<String> = parts.iter().zip(spans).map(of).collect();
    format!("windows of {width} tokens: {}", each.join("; "))
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
