//! What a name is. In: a place in a text. Out: the head of its declaration with its comment, its type and values,
//! its role; of a loss its mathematics, of a net in a pipe what it makes of what. The texts are those of
//! the reference pages and of `rlc explain`.

use super::analysis::Analysis;
use super::documents::Document;
use super::hints;
use super::library::{self, Entry};
use super::places::{self, InSource};
use crate::base::Span;
use crate::syntax::ast::{self, ItemKind, Role};
use crate::syntax::declared::{Declared, Kind};
use crate::syntax::{TokenKind, heads};
use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind};

/// Longer formulas are left to `rlc explain`.
const LONGEST: usize = 2_000;

/// What stands at a byte of a text.
pub fn hover(doc: &Document, at: usize) -> Option<Hover> {
    let token = doc.token(at).filter(|token| token.kind == TokenKind::Word)?;
    let word = doc.word(token);
    let parts = match places::in_source(doc, token.start) {
        Some(InSource::Name) => of_source(word)?,
        Some(InSource::Option(source)) if library::data_source(word).is_none() => {
            of_option(source, word)?
        }
        Some(_) => of_source(word)?,
        None => of_name(doc, token.start, word),
    };
    if parts.is_empty() {
        return None;
    }
    let value = parts.join("\n\n");
    let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value });
    Some(Hover { contents, range: Some(doc.range(token.start, token.end)) })
}

fn of_source(word: &str) -> Option<Vec<String>> {
    library::data_source(word).map(|(usage, doc)| vec![code(&usage), doc])
}

fn of_option(source: &str, word: &str) -> Option<Vec<String>> {
    match library::data_options().find(|(name, _)| *name == word) {
        Some((name, what)) => Some(vec![code(&format!("{name} = ...")), format!("{what}.")]),
        None => of_source(source),
    }
}

/// A name that is declared in a file or in the library, with what it is here.
fn of_name(doc: &Document, at: usize, word: &str) -> Vec<String> {
    let declared = doc.look(at, |analysis, at| {
        let span = analysis.declaration(at)?;
        (analysis.text(span) == word).then(|| of_declaration(analysis, span)).flatten()
    });
    let (mut parts, kind) = match declared {
        Some((parts, kind)) => (parts, Some(kind)),
        None if places::is_name(doc, at) || word == "log" => {
            (library::named(word).iter().flat_map(of_entry).collect(), None)
        }
        None => (Vec::new(), None),
    };
    // What a figure or a phase is called is no value.
    if !matches!(kind, Some(Kind::Figure | Kind::Phase)) {
        parts.extend(value(doc, at, word));
    }
    parts
}

fn of_entry(entry: &Entry) -> Vec<String> {
    let doc = Some(entry.doc.clone()).filter(|doc| !doc.is_empty());
    [code(&entry.usage)].into_iter().chain(doc).collect()
}

/// A declaration as it is written, and what is known of it.
fn of_declaration(analysis: &Analysis, name: Span) -> Option<(Vec<String>, Kind)> {
    let one = analysis.declared(name)?;
    let file = analysis.tree(name.file)?;
    let text = &analysis.sources().file(name.file).text;
    let item = &file.items[one.item];
    let head = match one.kind {
        Kind::Density => densities(&one.name.name, file, text),
        _ => shown(&one, item, file, text),
    };
    let mut parts = vec![code(&head)];
    if let Some(within) = within(&one, item) {
        parts.push(within);
    }
    // The size of a list of sizes has the comment of the list.
    let whole = if one.kind == Kind::Dim { item.span } else { one.whole };
    let above = heads::comment_above(text, whole);
    let behind = match analysis.is_library(name.file) {
        true => String::new(),
        false => heads::comment_behind(file, text, whole),
    };
    parts.extend([above, behind].into_iter().filter(|comment| !comment.is_empty()));
    parts.extend(derived(analysis, &one, item));
    Some((parts, one.kind))
}

/// The heads of the densities that share a name.
fn densities(name: &str, file: &ast::File, text: &str) -> String {
    let called = |item: &&ast::Item| match &item.kind {
        ItemKind::Density(d) => d.name.name == name,
        _ => false,
    };
    let heads = file.items.iter().filter(called).map(|item| heads::head(item, file, text));
    heads.collect::<Vec<_>>().join("\n")
}

/// The declaration as it is written: of one that has a body, its head.
fn shown(one: &Declared, item: &ast::Item, file: &ast::File, text: &str) -> String {
    let part = |span: Span| heads::line(&text[span.start as usize..span.end as usize]);
    match one.kind {
        Kind::Dim => format!("dim {}", part(one.whole)),
        Kind::Local if one.whole.end - one.whole.start > 200 => format!("let {}", one.name.name),
        Kind::Figure => one.name.name.clone(),
        kind if kind.is_of_file() && one.whole == item.span => heads::head(item, file, text),
        _ => part(one.whole),
    }
}

/// Where a name that is no file's belongs.
fn within(one: &Declared, item: &ast::Item) -> Option<String> {
    let what = match one.kind {
        Kind::Formal => "argument",
        Kind::Field => match item.kind {
            ItemKind::Data { .. } => "field",
            _ => "member of the result",
        },
        Kind::Variable => "variable",
        Kind::Param | Kind::State if one.whole != item.span => "part",
        _ => return role(item).filter(|_| one.whole == item.span).map(String::from),
    };
    let owner = item.names().first().map(|name| name.name.clone())?;
    Some(format!("{what} of `{owner}`"))
}

/// What a role means.
fn role(item: &ast::Item) -> Option<&'static str> {
    let role = match &item.kind {
        ItemKind::Callable(c) => c.role?,
        ItemKind::Density(d) => d.role?,
        _ => return None,
    };
    Some(match role {
        Role::Encoder => "encoder: maps data to features",
        Role::Bottleneck => "bottleneck: where information is lost on purpose",
        Role::Prior => "prior: a density over latents",
        Role::Decoder => "decoder: maps codes to data",
    })
}

/// What was derived for a loss, a phase or a density.
fn derived(analysis: &Analysis, one: &Declared, item: &ast::Item) -> Option<String> {
    let explained = analysis.explanation().filter(|_| one.name.span.file == analysis.entry())?;
    let name = &one.name.name;
    let lines: Vec<String> = match &item.kind {
        _ if one.whole != item.span => return None,
        ItemKind::Loss { .. } => {
            let page = explained.losses.iter().find(|page| page.name == *name)?;
            [vec![format!("= {}", page.formula)], page.lines()].concat()
        }
        ItemKind::Phase(_) => {
            let goals = explained.goals.iter().filter(|goal| goal.phase == *name);
            goals.flat_map(|goal| goal.lines()).collect()
        }
        ItemKind::Density(_) => {
            let of = |line: &&String| line.starts_with(&format!("{name}("));
            explained.densities.iter().filter(of).cloned().collect()
        }
        _ => return None,
    };
    let text = lines.join("\n");
    (!text.is_empty() && text.len() <= LONGEST).then(|| format!("```text\n{text}\n```"))
}

/// What the expression at a name is; of a function that is called here, what it gives.
fn value(doc: &Document, at: usize, word: &str) -> Option<String> {
    let call = places::call_of(doc, at);
    let ways = doc.look(at, |analysis, at| {
        let (span, ways) = analysis.value(at)?;
        // The head of a function was shown.
        let head = |way: &String| way.contains(&format!(" {word}("));
        let own = analysis.text(span) == word && !ways.iter().any(head);
        own.then(|| ways.to_vec())
    });
    if let Some(ways) = ways.filter(|ways| ways.iter().any(|way| !is_kind(way))) {
        let about = match ways.as_slice() {
            [one] => support(one).map_or(String::new(), |text| format!(": {text}")),
            _ => String::new(),
        };
        return Some(format!("`{}`{about}", ways.join("` or `")));
    }
    if let Some(ways) = hints::of_let(doc, at).filter(|ways| !ways.iter().any(|way| is_kind(way))) {
        return Some(format!("`{}`", ways.join("` or `")));
    }
    let ways = doc.look(call?.end as usize, |analysis, _| {
        places::then(doc, analysis, call?).map(<[String]>::to_vec)
    })?;
    let told = !ways.iter().any(|way| is_kind(way));
    told.then(|| format!("gives `{}` here", ways.join("` or `")))
}

/// Whether a description names a kind of value and no type.
fn is_kind(way: &str) -> bool {
    way.starts_with("a ") || way.starts_with("an ")
}

/// The values that a type has, in words.
fn support(ty: &str) -> Option<String> {
    if let Some((_, range)) = ty.split_once(" in ") {
        return Some(format!("reals in {range}"));
    }
    let word = ty.split(['[', '(', ' ']).next()?;
    let after = ty[word.len()..].strip_prefix('(').and_then(|rest| rest.split(')').next());
    Some(match (word, after.and_then(|n| n.parse::<u64>().ok())) {
        ("bit", _) => "0 or 1".into(),
        ("count", _) => "whole numbers from 0 on".into(),
        ("idx", Some(n)) => format!("whole numbers from 0 to {}", n.saturating_sub(1)),
        ("f32", _) if !ty.contains(" = ") => "reals".into(),
        _ => return None,
    })
}

fn code(text: &str) -> String {
    format!("```rl\n{text}\n```")
}
