//! The names that can be written at a place. In: a text, as far as it parses, and what was found in it before. Out:
//! names with the heads and comments of their declarations.

use crate::lsp::calls::{before, item};
use crate::lsp::documents::Document;
use crate::syntax::ast::{File, ItemKind};
use crate::syntax::declared::{Declared, Kind, declared};
use crate::syntax::{Token, TokenKind, heads, is_keyword};

/// A name.
#[derive(Clone, Debug)]
pub struct Name {
    /// The word.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// How it is declared.
    pub head: String,
    /// What is said of it.
    pub doc: String,
}

fn of(one: &Declared, file: &File, text: &str) -> Name {
    let item = &file.items[one.item];
    let head = match one.whole == item.span {
        true => heads::head(item, file, text),
        false => heads::line(&text[one.whole.start as usize..one.whole.end as usize]),
    };
    let above = heads::comment_above(text, one.whole);
    let behind = heads::comment_behind(file, text, one.whole);
    let doc = if above.is_empty() { behind } else { above };
    Name { name: one.name.name.clone(), kind: one.kind, head, doc }
}

/// Names of the file: of its text as far as it parses, then of its last analyses, then those of files that
/// it uses without giving them a name.
pub fn of_file(doc: &Document) -> Vec<Name> {
    let (file, _) = doc.tree();
    let mut found = outer(file, &doc.text);
    for analysis in doc.analyses() {
        for (id, _) in analysis.files() {
            let is_own = id == analysis.entry() || !is_aliased(doc, analysis.path(id).as_path());
            if let Some(file) = analysis.tree(id).filter(|_| is_own) {
                found.extend(outer(file, &analysis.sources().file(id).text));
            }
        }
    }
    found
}

fn outer(file: &File, text: &str) -> Vec<Name> {
    let all = declared(file).into_iter();
    let of_file = all.filter(|one| {
        one.kind.is_of_file() && (one.whole == file.items[one.item].span || one.kind == Kind::Dim)
    });
    of_file.map(|one| of(&one, file, text)).collect()
}

/// Whether the names of a used file are members of an alias.
fn is_aliased(doc: &Document, path: &std::path::Path) -> bool {
    doc.tree().0.items.iter().any(|item| match &item.kind {
        ItemKind::Use { path: used, alias: Some(_), .. } => path.ends_with(used),
        _ => false,
    })
}

/// The names of the file that an alias stands for.
pub fn of_import(doc: &Document, word: &str) -> Vec<Name> {
    let used = |item: &crate::syntax::ast::Item| match &item.kind {
        ItemKind::Use { path, alias: Some(alias), .. } if alias.name == word => Some(path.clone()),
        _ => None,
    };
    for analysis in doc.analyses() {
        let Some(file) = analysis.tree(analysis.entry()) else { continue };
        let Some(path) = file.items.iter().find_map(used) else { continue };
        let other = analysis.files().find(|(_, own)| own.ends_with(&path));
        let tree = other.and_then(|(id, _)| Some((id, analysis.tree(id)?)));
        if let Some((id, tree)) = tree {
            return outer(tree, &analysis.sources().file(id).text);
        }
    }
    Vec::new()
}

/// Names that the item around a byte declares before it: by its tree, if it has one, and by its tokens.
pub fn of_item(doc: &Document, at: usize) -> Vec<Name> {
    let (file, _) = doc.tree();
    let inside = |one: &Declared| {
        let item = file.items[one.item].span;
        let here = item.start as usize <= at && at <= item.end as usize;
        here && (one.name.span.end as usize) < at
    };
    let local = |one: &Declared| !one.kind.is_of_file() || one.whole != file.items[one.item].span;
    let known = declared(file).into_iter().filter(|one| inside(one) && local(one));
    let known = known.filter(|one| one.kind != Kind::Figure && one.kind != Kind::Dim);
    let mut found: Vec<Name> = known.map(|one| of(&one, file, &doc.text)).collect();
    for name in by_tokens(doc, at) {
        if found.iter().all(|known| known.name != name) {
            found.push(Name { name, kind: Kind::Local, head: String::new(), doc: String::new() });
        }
    }
    found
}

/// Words of the item that something binds, as far as tokens show it.
fn by_tokens(doc: &Document, at: usize) -> Vec<String> {
    let all = before(doc, at);
    let item = &all[item(doc, all.len())];
    let word = |at: usize| item.get(at).map_or("", |token| doc.word(*token));
    let (mut found, mut in_let, mut depth, mut in_head) = (Vec::new(), false, 0, true);
    for (at, token) in item.iter().enumerate() {
        let (last, next) = (at.checked_sub(1).map_or("", &word), word(at + 1));
        match word(at) {
            "let" => in_let = true,
            "(" | "[" => depth += 1,
            ")" | "]" => depth -= 1,
            "=" | "~" | "{" => (in_let, in_head) = (false, in_head && depth > 0),
            _ => {}
        }
        let listed = ["(", ",", "|"].contains(&last);
        let binds = match next {
            ":" | "~" => last != ".",
            "=" => in_let || last == "param" || last == "state",
            "," | ")" | "|" => (in_let || in_head) && listed,
            "in" => listed,
            _ => false,
        };
        let is_name = token.kind == TokenKind::Word && !is_keyword(word(at)) && at > 1;
        if is_name && binds {
            found.push(word(at).to_string());
        }
    }
    found
}

/// The fields of a data set.
pub fn data_set(doc: &Document, name: &str) -> Option<Vec<Name>> {
    let fields = |file: &File, text: &str| {
        let item = file.items.iter().position(|item| match &item.kind {
            ItemKind::Data { name: own, .. } => own.name == name,
            _ => false,
        })?;
        Some(fields_of(file, text, |one| one.item == item))
    };
    let (file, _) = doc.tree();
    fields(file, &doc.text).or_else(|| {
        doc.analyses().find_map(|analysis| {
            let id = analysis.entry();
            fields(analysis.tree(id)?, &analysis.sources().file(id).text)
        })
    })
}

fn fields_of(file: &File, text: &str, wanted: impl Fn(&Declared) -> bool) -> Vec<Name> {
    let data = |one: &Declared| matches!(file.items[one.item].kind, ItemKind::Data { .. });
    let all = declared(file).into_iter();
    let fields = all.filter(|one| one.kind == Kind::Field && data(one) && wanted(one));
    fields.map(|one| of(&one, file, text)).collect()
}

/// The fields of all data sets.
pub fn all_fields(doc: &Document) -> Vec<Name> {
    let (file, _) = doc.tree();
    fields_of(file, &doc.text, |_| true)
}

/// The fields that can be read at a byte: in losses, phases and constants.
pub fn fields(doc: &Document, at: usize) -> Vec<Name> {
    let all = before(doc, at);
    let opener = all[item(doc, all.len())].first().map_or("", |token| doc.word(*token));
    match opener {
        "loss" | "train" | "eval" | "sample" => all_fields(doc),
        _ => Vec::new(),
    }
}

/// The members of a record, by what an analysis says of the word before the point.
pub fn members(doc: &Document, base: Token) -> Vec<(String, String)> {
    let word = doc.word(base);
    let here = doc.look(base.end.saturating_sub(1), |analysis, at| {
        let (span, ways) = analysis.value(at)?;
        let own = base.kind != TokenKind::Word || analysis.text(span) == word;
        own.then(|| ways.to_vec())
    });
    let elsewhere = || {
        doc.analyses().find_map(|analysis| {
            let mut all = analysis.index()?.values();
            all.find(|(span, ways)| analysis.text(*span) == word && ways[0].starts_with('('))
                .map(|(_, ways)| ways.to_vec())
        })
    };
    let record = |ways: &Vec<String>| ways[0].starts_with('(') && ways[0].contains(": ");
    let ways = here.filter(record).or_else(elsewhere).unwrap_or_default();
    ways.first().map_or(Vec::new(), |way| parts(way))
}

/// `(mu: f32[2], sd: f32)` as names with types.
fn parts(record: &str) -> Vec<(String, String)> {
    let Some(inner) = record.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
        return Vec::new();
    };
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                found.extend(inner[start..at].trim().split_once(": "));
                start = at + 1;
            }
            _ => {}
        }
    }
    found.into_iter().map(|(name, ty)| (name.to_string(), ty.to_string())).collect()
}
