//! Another name for what is declared. In: texts, a place, the new name. Out: the places to change, or why that
//! cannot be. Nothing is taken on trust: the texts are changed, read again, and compared. Every name must
//! stand for what it stood for, and the model must compute what it computed; so a name that would be
//! captured is refused, and so is one that something finds by its spelling.

use super::analysis::Analysis;
use super::library;
use crate::base::Span;
use crate::driver::{Counted, Texts};
use crate::model::ir::ExprKind;
use crate::runtime::data::source::finds_by_name;
use crate::runtime::files;
use crate::syntax::ast::{ExprKind as Written, File, ItemKind};
use crate::syntax::declared::{Declared, Kind, declared};
use crate::syntax::{Class, MAX_BYTES, MAX_NAME, classes, is_keyword};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files that may use the one that declares a name: as many are looked at.
const MOST_FILES: usize = 200;

/// The places to change in a file, with its text.
pub type Places = BTreeMap<PathBuf, (Arc<str>, BTreeSet<(usize, usize)>)>;

/// What is asked for.
pub struct Asked<'a> {
    /// The file.
    pub path: &'a Path,
    /// A byte of the name.
    pub at: usize,
    /// The new name.
    pub name: &'a str,
    /// What is open.
    pub texts: &'a Texts,
}

/// The places to change.
///
/// # Errors
/// Why the name stays.
pub fn rename(asked: &Asked, counted: &mut Counted) -> Result<Places, String> {
    let own = Analysis::of(asked.path, 0, asked.texts, counted);
    if !own.is_whole() {
        return Err("the file has mistakes, so that not every use of the name is known".into());
    }
    let name = renameable(&own, asked.at as u32)?;
    let old = own.text(name).to_string();
    check_name(asked.name)?;
    if old == asked.name {
        return Ok(Places::new());
    }
    let home = own.path(name.file);
    let mut all = vec![own];
    all.extend(users(&home, asked, counted));
    for attempt in [Attempt::Declared, Attempt::Matched, Attempt::Spelled] {
        let Some(places) = attempt.places(&all, &home, name, &old) else { continue };
        check_fields(&all[0], &places, asked.name)?;
        let texts = changed(asked, &places);
        if all.iter().all(|before| is_same(before, &texts, &places, asked.name, counted)) {
            return Ok(places);
        }
    }
    let new = asked.name;
    Err(format!(
        "`{old}` cannot be called `{new}`: the file would say something else, since `{new}` has another \
         meaning where the name is used, or something is found by the name `{old}`"
    ))
}

/// The declaration of the name at a byte, if it is a user's.
///
/// # Errors
/// Why it has no other name.
pub fn renameable(analysis: &Analysis, at: u32) -> Result<Span, String> {
    let text = |span: Span| analysis.text(span).to_string();
    let word = word(analysis, at as usize);
    match analysis.declaration(at) {
        None if word.is_some_and(|word| !library::named(word).is_empty()) => {
            Err(format!("`{}` belongs to the library", word.unwrap_or("")))
        }
        Some(span) if analysis.is_library(span.file) => {
            Err(format!("`{}` belongs to the library", text(span)))
        }
        Some(span) => Ok(span),
        None => Err("nothing that is declared in a file stands here".into()),
    }
}

/// The name at a byte of the file.
fn word(analysis: &Analysis, at: usize) -> Option<&str> {
    let text = &analysis.sources().file(analysis.entry()).text;
    let all = classes(text).into_iter();
    let mut here =
        all.filter(|(start, end, class)| *class == Class::Name && *start <= at && at <= *end);
    here.next().map(|(start, end, _)| &text[start..end])
}

fn check_name(name: &str) -> Result<(), String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !starts || !name.chars().all(word) || name.len() > MAX_NAME {
        return Err("names are letters a-z and A-Z, digits and `_`, and begin with no digit".into());
    }
    match is_keyword(name) {
        true => Err(format!("`{name}` is a keyword and cannot be a name")),
        false => Ok(()),
    }
}

/// A field is found in the data by its name, unless its source takes fields in order.
fn check_fields(analysis: &Analysis, places: &Places, new: &str) -> Result<(), String> {
    for (file, path) in analysis.files() {
        let (Some((_, places)), Some(tree)) = (places.get(&path), analysis.tree(file)) else {
            continue;
        };
        let fields = declared(tree).into_iter().filter(|one| one.kind == Kind::Field);
        for one in fields {
            if places.contains(&(one.name.span.start as usize, one.name.span.end as usize)) {
                check_field(tree, &one, new)?;
            }
        }
    }
    Ok(())
}

fn check_field(file: &File, one: &Declared, new: &str) -> Result<(), String> {
    let ItemKind::Data { source, .. } = &file.items[one.item].kind else { return Ok(()) };
    let called = source.and_then(|source| match &file.expr(source).kind {
        Written::Call { callee, .. } => Some(&file.expr(*callee).kind),
        other => Some(other),
    });
    let by_name = match called {
        Some(Written::Name(source)) => {
            finds_by_name(source, &one.name.name) || finds_by_name(source, new)
        }
        _ => true,
    };
    match by_name {
        true => Err(format!(
            "`{}` is a field of the data, and its values are found by its name",
            one.name.name
        )),
        false => Ok(()),
    }
}

/// Analyses of other files that use the one that declares the name: open ones, and those beside it.
fn users(home: &Path, asked: &Asked, counted: &mut Counted) -> Vec<Analysis> {
    let folder = home.parent().unwrap_or(Path::new(""));
    let beside = files::names(folder, ".rl").into_iter().map(|name| folder.join(name));
    let mut paths: BTreeSet<PathBuf> = beside.take(MOST_FILES).collect();
    paths.extend(asked.texts.keys().cloned());
    paths.remove(asked.path);
    let name = home.file_name().and_then(|name| name.to_str()).unwrap_or("").to_string();
    let uses = |path: &PathBuf| {
        let text = match asked.texts.get(path) {
            Some(text) => text.to_string(),
            None => {
                let bytes = files::read(path, MAX_BYTES as u64).unwrap_or_default();
                String::from_utf8_lossy(&bytes).into_owned()
            }
        };
        text.contains("use") && text.contains(&name)
    };
    let all: Vec<PathBuf> = paths.into_iter().filter(uses).collect();
    let read = all.iter().map(|path| Analysis::of(path, 0, asked.texts, counted));
    read.filter(|other| other.is_whole() && other.files().any(|(_, path)| path == home)).collect()
}

/// Which places may have to be changed; the first that leaves everything as it was is taken.
#[derive(Clone, Copy)]
enum Attempt {
    /// Uses of a declaration that nothing is matched with by its name.
    Declared,
    /// Those of all declarations that are one by their name: variables of densities.
    Matched,
    /// Every word that is spelled so.
    Spelled,
}

impl Attempt {
    fn places(self, all: &[Analysis], home: &Path, name: Span, old: &str) -> Option<Places> {
        let mut places = Places::new();
        for analysis in all {
            let file = analysis.files().find(|(_, path)| path == home).map(|(id, _)| id)?;
            let declared = Span { file, ..name };
            let found = match self {
                Attempt::Declared if analysis.index()?.is_matched(declared) => return None,
                Attempt::Declared => analysis.index()?.places(declared),
                Attempt::Matched => {
                    let same = |span: Span| analysis.text(span) == old;
                    analysis.index()?.matched_places(declared, same)?
                }
                Attempt::Spelled => spelled(analysis, old),
            };
            let own = found
                .into_iter()
                .filter(|span| !analysis.is_library(span.file) && analysis.text(*span) == old);
            for span in own {
                let text =
                    || (analysis.sources().file(span.file).text.as_str().into(), BTreeSet::new());
                let (_, found) = places.entry(analysis.path(span.file)).or_insert_with(text);
                found.insert((span.start as usize, span.end as usize));
            }
        }
        Some(places)
    }
}

/// Every name of the file that is spelled so.
fn spelled(analysis: &Analysis, word: &str) -> Vec<Span> {
    let file = analysis.entry();
    let text = &analysis.sources().file(file).text;
    let all = classes(text).into_iter();
    let own = all.filter(|(start, end, class)| {
        matches!(class, Class::Name | Class::Label) && &text[*start..*end] == word
    });
    own.map(|(start, end, _)| Span::new(file, start, end)).collect()
}

/// The texts with the new name.
fn changed(asked: &Asked, places: &Places) -> Texts {
    let mut texts = asked.texts.clone();
    for (path, (text, places)) in places {
        let mut new = text.to_string();
        places.iter().rev().for_each(|(start, end)| new.replace_range(*start..*end, asked.name));
        texts.insert(path.clone(), new.into());
    }
    texts
}

/// Whether a file says the same in the changed texts.
fn is_same(
    before: &Analysis,
    texts: &Texts,
    places: &Places,
    name: &str,
    counted: &mut Counted,
) -> bool {
    let after = Analysis::of(&before.path(before.entry()), 0, texts, counted);
    let (Some(old), Some(new)) = (before.index(), after.index()) else { return false };
    let moved = |span: Span| moved(span, before, places, name);
    let old: BTreeSet<(Span, Span)> =
        old.uses().map(|(here, there)| (moved(here), moved(there))).collect();
    let new: BTreeSet<(Span, Span)> = new.uses().collect();
    let said = |analysis: &Analysis| analysis.found().len();
    after.is_whole()
        && said(before) == said(&after)
        && old == new
        && computed(before) == computed(&after)
}

/// Where a span is after the names before it have changed.
fn moved(span: Span, analysis: &Analysis, places: &Places, name: &str) -> Span {
    let known = (!analysis.is_library(span.file)).then(|| places.get(&analysis.path(span.file)));
    let Some((_, places)) = known.flatten() else { return span };
    let before = |at: u32| {
        let longer = places.iter().filter(|(_, end)| *end <= at as usize);
        longer.fold(at as i64, |at, (start, end)| at + name.len() as i64 - (end - start) as i64)
    };
    Span { start: before(span.start) as u32, end: before(span.end) as u32, ..span }
}

/// Everything that a model computes, in an order that no name decides.
fn computed(analysis: &Analysis) -> Vec<String> {
    let model = analysis.model();
    let first = |text: String| text.split([' ', '(']).next().unwrap_or("").to_string();
    let kind = |kind: &ExprKind| match kind {
        ExprKind::Op { op, attrs, .. } => format!("{} {attrs:?}", op.name),
        ExprKind::Symbolic(stated) => first(format!("{stated:?}")),
        other => first(format!("{other:?}")),
    };
    let exprs = model.exprs.iter().map(|e| format!("{} {:?}", kind(&e.kind), e.ty));
    let codes = model
        .codes
        .iter()
        .map(|code| format!("code {:?} {:?} {:?}", code.rows, code.classes, model.ty(code.value)));
    let mut all: Vec<String> = exprs.chain(codes).collect();
    all.sort();
    all
}
