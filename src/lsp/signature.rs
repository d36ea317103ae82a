//! How what is being called is called. In: a place inside of parentheses. Out: the heads of what stands before
//! them, with the argument that is being written. Works on tokens, as such a text seldom parses.

use super::calls::{Call, call_at};
use super::documents::Document;
use super::library;
use crate::syntax::heads;
use lsp_types::{Documentation, MarkupContent, MarkupKind};
use lsp_types::{ParameterInformation, ParameterLabel, SignatureHelp, SignatureInformation};

/// The call around a byte.
pub fn help(doc: &Document, at: usize) -> Option<SignatureHelp> {
    let call = call_at(doc, at)?;
    let name = doc.word(call.callee);
    let heads = heads_of(doc, &call, name);
    let signatures: Vec<SignatureInformation> =
        heads.into_iter().map(|(head, text)| signature(&call, head, text)).collect();
    (!signatures.is_empty()).then_some(SignatureHelp {
        signatures,
        active_signature: Some(0),
        active_parameter: None,
    })
}

/// What is called so: in this file, as an analysis knows it, in the library, or a data source.
fn heads_of(doc: &Document, call: &Call, name: &str) -> Vec<(String, String)> {
    if call.in_source
        && let Some(source) = library::data_source(name)
    {
        return vec![source];
    }
    if let Some(head) = own_head(doc, call, name) {
        return vec![(head, String::new())];
    }
    let entries = library::named(name).iter();
    entries.map(|entry| (entry.usage.clone(), entry.doc.clone())).collect()
}

/// The head of a declaration of this file, or of one that it uses.
fn own_head(doc: &Document, call: &Call, name: &str) -> Option<String> {
    let (file, _) = doc.tree();
    let called = |item: &&crate::syntax::ast::Item| item.names().iter().any(|own| own.name == name);
    if let Some(item) = file.items.iter().find(called) {
        return Some(heads::head(item, file, &doc.text));
    }
    doc.look(call.callee.start, |analysis, at| {
        let span = analysis.declaration(at).filter(|span| analysis.text(*span) == name)?;
        let one = analysis.declared(span).filter(|one| one.kind.is_of_file())?;
        let file = analysis.tree(span.file)?;
        let text = &analysis.sources().file(span.file).text;
        Some(heads::head(&file.items[one.item], file, text))
    })
}

/// A head with its arguments, of which one is being written.
fn signature(call: &Call, head: String, text: String) -> SignatureInformation {
    let arguments = arguments(&head);
    let keyword = call.keyword.as_deref();
    let by_word = keyword.and_then(|word| {
        let named = |(start, end): &(usize, usize)| {
            head[*start..*end].split([':', '=']).next().unwrap_or("").trim() == word
        };
        arguments.iter().position(named)
    });
    let active = by_word.or_else(|| keyword.is_none().then_some(call.argument));
    let units = |at: usize| head[..at].chars().map(char::len_utf16).sum::<usize>() as u32;
    let parameters = arguments.iter().map(|(start, end)| ParameterInformation {
        label: ParameterLabel::LabelOffsets([units(*start), units(*end)]),
        documentation: None,
    });
    let parameters: Vec<ParameterInformation> = parameters.collect();
    let value = MarkupContent { kind: MarkupKind::Markdown, value: text };
    SignatureInformation {
        documentation: Some(Documentation::MarkupContent(value)).filter(|_| call.callee.end > 0),
        active_parameter: active.filter(|at| *at < parameters.len()).map(|at| at as u32),
        parameters: Some(parameters),
        label: head,
    }
}

/// The arguments in the first parentheses of a head.
pub fn parameters(head: &str) -> Vec<String> {
    arguments(head).into_iter().map(|(start, end)| head[start..end].to_string()).collect()
}

/// The arguments in the first parentheses of a head, by first and last byte.
fn arguments(head: &str) -> Vec<(usize, usize)> {
    let Some(open) = head.find('(') else { return Vec::new() };
    let (mut depth, mut start, mut found, mut quoted) = (0, open + 1, Vec::new(), false);
    for (at, c) in head.char_indices().skip_while(|(at, _)| *at < open) {
        quoted ^= c == '"';
        match c {
            _ if quoted => continue,
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            _ => {}
        }
        if (depth == 0 && c == ')') || (depth == 1 && matches!(c, ',' | '|')) {
            found.push((start, at));
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    let trimmed = |(start, end): (usize, usize)| {
        let text = &head[start..end];
        let from = start + text.len() - text.trim_start().len();
        (from, from + text.trim().len())
    };
    found.into_iter().map(trimmed).filter(|(start, end)| start < end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_stand_in_the_first_parentheses() {
        let of = |head: &str| {
            arguments(head).into_iter().map(|(a, b)| head[a..b].to_string()).collect::<Vec<_>>()
        };
        let head = "module M(n: int, k: idx(3) = 2)(x: f32[a, b]) -> f32";
        assert_eq!(of(head), ["n: int", "k: idx(3) = 2"]);
        assert_eq!(of("csv(\"f.csv\", sep = \",\")"), ["\"f.csv\"", "sep = \",\""]);
        assert_eq!(of("decoder p(x | z: f32[Z])"), ["x", "z: f32[Z]"]);
        assert_eq!(of("training()"), Vec::<String>::new());
        assert_eq!(of("loss a = 2"), Vec::<String>::new());
    }
}
