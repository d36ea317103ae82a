//! What can be written at a place. In: a byte of a text, which need not parse. Out: names with their signatures and
//! texts. `context` says what kind of word belongs there, from the tokens before it; this file lists
//! the words of each kind.

mod context;
mod names;

use super::calls::call_at;
use super::documents::Document;
use super::library::{self, Entry, Sort};
use super::uris;
use crate::model::FORMATS;
use crate::model::ir::SPLITS;
use crate::runtime::files;
use crate::syntax::ast::ROWS;
use crate::syntax::declared::Kind;
use crate::syntax::{ITEM_WORDS, ITEM_WORDS_IN_CONTEXT};
use context::{Body, Wanted};
use lsp_types::{CompletionItem, CompletionItemKind, Documentation, MarkupContent, MarkupKind};
use names::Name;
use std::collections::BTreeSet;

/// Words of the head of a phase.
const CLAUSES: &[&str] = &["on", "batch", "epochs", "steps", "count", "until", "stalls"];
/// Words that open an expression.
const VALUES: &[&str] = &["if", "not", "true", "false", "log", "chain", "scan", "E"];
/// Words that go on behind a value.
const JOINTS: &[&str] = &["over", "with", "as", "and", "or", "then", "else", "below", "in"];
/// Element types.
const TYPES: &[&str] = &["f32", "bit", "count", "int", "bool", "idx", "str"];

/// What can be written at a byte.
pub fn completion(doc: &Document, at: usize) -> Vec<CompletionItem> {
    let mut found = Vec::new();
    let wanted = context::wanted(doc, at);
    match &wanted {
        Wanted::Nothing => {}
        Wanted::Item => {
            found.extend(words(&ITEM_WORDS));
            found.extend(words(&ITEM_WORDS_IN_CONTEXT));
        }
        Wanted::Clause => found.extend(words(CLAUSES)),
        Wanted::Type => found.extend(words(TYPES)),
        Wanted::Row => found.extend(words(ROWS)),
        Wanted::Format => found.extend(words(FORMATS)),
        Wanted::Joint => found.extend(words(JOINTS)),
        Wanted::Statement(body) => {
            found.extend(words(statements(*body)));
            found.extend(names::of_item(doc, at).iter().map(named));
        }
        Wanted::File => found.extend(beside(doc)),
        Wanted::Source => found.extend(sources()),
        Wanted::Data => found.extend(of_file(doc, |kind| kind == Kind::Data)),
        Wanted::Weights => found.extend(of_file(doc, owns_weights)),
        Wanted::Optimizer => found.extend(of_library(|sort| sort == Sort::Optimizer)),
        Wanted::Member(base) => found.extend(members(doc, *base)),
        Wanted::SourceArgument => {
            found.extend(keywords(doc, at));
            found.extend(options());
            found.extend(sources());
            found.extend(of_file(doc, |kind| {
                matches!(kind, Kind::Config | Kind::Const | Kind::Dim)
            }));
        }
        Wanted::Argument | Wanted::Value | Wanted::Distribution => {
            if matches!(wanted, Wanted::Argument) {
                found.extend(keywords(doc, at));
            }
            found.extend(values(doc, at, matches!(wanted, Wanted::Distribution)));
        }
    }
    unique(found)
}

/// Each word once, as what it was first.
fn unique(found: Vec<CompletionItem>) -> Vec<CompletionItem> {
    let mut seen = BTreeSet::new();
    found.into_iter().filter(|item| seen.insert(item.label.clone())).collect()
}

fn statements(body: Body) -> &'static [&'static str] {
    match body {
        Body::Train => &["let", "minimize", "maximize", "track", "repeat", "prune"],
        Body::Eval => &["let", "report"],
        Body::Sample => &["let", "emit"],
        Body::Density => &["let", "factor", "param", "state"],
        Body::Function => &["let", "return", "param", "state"],
    }
}

fn words(list: &[&str]) -> Vec<CompletionItem> {
    list.iter().map(|word| item(word, CompletionItemKind::KEYWORD, "", "")).collect()
}

/// Everything that has a value; distributions first where one is drawn from.
fn values(doc: &Document, at: usize, draws: bool) -> Vec<CompletionItem> {
    let mut found: Vec<CompletionItem> = names::of_item(doc, at).iter().map(named).collect();
    let value = |kind: Kind| !matches!(kind, Kind::Phase);
    found.extend(of_file(doc, value));
    found.extend(names::fields(doc, at).iter().map(named));
    found.extend(of_library(|sort| sort != Sort::Optimizer));
    found.extend(words(VALUES));
    if draws {
        for one in &mut found {
            let is_first = one.kind == Some(CompletionItemKind::CLASS)
                && one.detail.as_ref().is_some_and(|head| head.starts_with("distribution"));
            one.sort_text = Some(format!("{}{}", u8::from(!is_first), one.label));
        }
    }
    found
}

/// The keywords of the arguments of the call around a byte.
fn keywords(doc: &Document, at: usize) -> Vec<CompletionItem> {
    let Some(call) = call_at(doc, at) else { return Vec::new() };
    let Some(help) = super::signature::help(doc, at) else { return Vec::new() };
    let all = help.signatures.iter().flat_map(|signature| {
        let of = super::signature::parameters(&signature.label).into_iter();
        of.map(move |part| (part, signature.label.clone()))
    });
    let keyword = |(part, head): (String, String)| {
        let name = part.split([':', '=']).next()?.trim().to_string();
        let is_word = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        // The arguments of a primitive that have no default have no keyword.
        let has = part.contains(':') || part.contains('=');
        (is_word && has && call.keyword.is_none()).then(|| CompletionItem {
            insert_text: Some(format!("{name} = ")),
            sort_text: Some(format!("0{name}")),
            ..item(&format!("{name} ="), CompletionItemKind::PROPERTY, &part, &code(&head))
        })
    };
    all.filter_map(keyword).collect()
}

fn options() -> impl Iterator<Item = CompletionItem> {
    library::data_options().map(|(name, what)| CompletionItem {
        insert_text: Some(format!("{name} = ")),
        ..item(&format!("{name} ="), CompletionItemKind::PROPERTY, "option of every source", &what)
    })
}

fn sources() -> impl Iterator<Item = CompletionItem> {
    library::data_sources().filter_map(|name| {
        let (usage, doc) = library::data_source(name)?;
        Some(item(name, CompletionItemKind::FUNCTION, &usage, &doc))
    })
}

fn of_library(wanted: impl Fn(Sort) -> bool) -> impl Iterator<Item = CompletionItem> {
    library::all().filter(move |entry| wanted(entry.sort)).map(entry)
}

fn entry(entry: &Entry) -> CompletionItem {
    let kind = match entry.sort {
        Sort::Layer | Sort::Distribution => CompletionItemKind::CLASS,
        Sort::Constant => CompletionItemKind::CONSTANT,
        _ => CompletionItemKind::FUNCTION,
    };
    item(entry.name, kind, &entry.usage, &entry.doc)
}

fn of_file(doc: &Document, wanted: impl Fn(Kind) -> bool) -> Vec<CompletionItem> {
    names::of_file(doc).iter().filter(|name| wanted(name.kind)).map(named).collect()
}

fn owns_weights(kind: Kind) -> bool {
    matches!(kind, Kind::Function | Kind::Density | Kind::Param | Kind::Import | Kind::Const)
}

fn named(name: &Name) -> CompletionItem {
    let kind = match name.kind {
        Kind::Import => CompletionItemKind::MODULE,
        Kind::Dim | Kind::Const | Kind::Config => CompletionItemKind::CONSTANT,
        Kind::Data => CompletionItemKind::STRUCT,
        Kind::Field => CompletionItemKind::FIELD,
        Kind::Function | Kind::Density => CompletionItemKind::FUNCTION,
        Kind::Module | Kind::Distribution => CompletionItemKind::CLASS,
        _ => CompletionItemKind::VARIABLE,
    };
    item(&name.name, kind, &name.head, &name.doc)
}

/// What can stand behind a point.
fn members(doc: &Document, base: crate::syntax::Token) -> Vec<CompletionItem> {
    let mut found = Vec::new();
    let word = doc.word(base);
    if let Some(data) = names::data_set(doc, word) {
        found.extend(SPLITS.map(|split| item(split, CompletionItemKind::ENUM_MEMBER, "split", "")));
        found.extend(data.iter().map(named));
    }
    if SPLITS.contains(&word) {
        found.extend(names::all_fields(doc).iter().map(named));
    }
    found.extend(names::of_import(doc, word).iter().map(named));
    let members = names::members(doc, base);
    found.extend(members.iter().map(|(name, ty)| item(name, CompletionItemKind::FIELD, ty, "")));
    if found.is_empty() {
        found.push(item("T", CompletionItemKind::PROPERTY, "the transpose", ""));
    }
    found
}

/// Files that a `use` can name.
fn beside(doc: &Document) -> Vec<CompletionItem> {
    let path = uris::path(&doc.uri);
    let Some(folder) = path.parent() else { return Vec::new() };
    let own = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    let others = files::names(folder, ".rl").into_iter().filter(|name| name != own);
    others.map(|name| item(&name, CompletionItemKind::FILE, "", "")).collect()
}

fn code(text: &str) -> String {
    format!("```rl\n{text}\n```")
}

fn item(label: &str, kind: CompletionItemKind, detail: &str, doc: &str) -> CompletionItem {
    let full = |text: &str| Some(text.to_string()).filter(|text| !text.is_empty());
    let text =
        |value| Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value });
    CompletionItem {
        label: label.into(),
        kind: Some(kind),
        detail: full(detail),
        documentation: full(doc).map(text),
        ..Default::default()
    }
}
