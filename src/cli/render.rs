//! Diagnostics as text or JSON. In: a diagnostic and the sources. Out: a string.

use crate::base::text::{marked, visible};
use crate::base::{Diagnostic, Label, Severity, SourceMap};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::json;

/// Longer source lines are cut, so that a hostile file cannot flood the terminal.
const WIDTH: usize = 160;
/// The most bytes of a line that a label covers.
const LONGEST: usize = 100;

/// The form for people: message, source lines with labels, hints.
pub fn text(diagnostic: &Diagnostic, sources: &SourceMap, color: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let message = visible(&diagnostic.message, &[]);
    let title = level.primary_title(message).id(diagnostic.code.name());
    let mut group = Group::with_title(title).elements(snippets(diagnostic, sources));
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(visible(note, &['\n'])));
    }
    for hint in diagnostic.hints() {
        group = group.element(Level::HELP.message(visible(hint, &['\n'])));
    }
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(WIDTH).render(&[group])
}

/// One snippet per file, the primary label's file first.
fn snippets<'a>(
    diagnostic: &'a Diagnostic,
    sources: &'a SourceMap,
) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let labels = || diagnostic.primary.iter().chain(&diagnostic.secondary);
    let mut files: Vec<_> = Vec::new();
    for label in labels() {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    files
        .into_iter()
        .map(|id| {
            let file = sources.file(id);
            let mut snippet = Snippet::source(marked(&file.text)).path(visible(&file.name, &[]));
            for label in labels().filter(|label| label.span.file == id) {
                let primary = diagnostic.primary.as_ref() == Some(label);
                let kind = if primary { AnnotationKind::Primary } else { AnnotationKind::Context };
                snippet = snippet.annotation(kind.span(range(label, &file.text)).label(
                    if label.text.is_empty() { None } else { Some(visible(&label.text, &[])) },
                ));
            }
            snippet
        })
        .collect()
}

/// The label's bytes, widened to whole characters and kept inside the text; of a long line only the
/// first part, since all of it would be shown.
fn range(label: &Label, text: &str) -> std::ops::Range<usize> {
    let start = text.floor_char_boundary((label.span.start as usize).min(text.len()));
    let end = text.ceil_char_boundary((label.span.end as usize).min(text.len())).max(start);
    let long = text[start..end].lines().next().is_some_and(|line| line.len() > LONGEST);
    let end = if long { text.ceil_char_boundary(start + LONGEST) } else { end };
    start..end
}

/// The form for programs: one object.
pub fn json(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let place = |label: &Label| {
        let (line, col) = sources.line_col(label.span.file, label.span.start);
        let text = sources.text(label.span);
        json!({
            "file": sources.file(label.span.file).name,
            "line": line,
            "col": col,
            "len": text.chars().count(),
            "label": label.text,
        })
    };
    let hint = diagnostic.hints().join("; ");
    let mut object = plain(diagnostic.code.name(), severity, &diagnostic.message, &hint);
    object["notes"] = json!(diagnostic.notes);
    object["also"] = diagnostic.secondary.iter().map(place).collect();
    if let Some(edit) = &diagnostic.edit {
        let mut change = place(&Label { span: edit.span, text: String::new() });
        change["text"] = json!(edit.text);
        change.as_object_mut().map(|fields| fields.remove("label"));
        object["edit"] = change;
    }
    if let (Some(label), Some(fields)) = (&diagnostic.primary, object.as_object_mut())
        && let Some(at) = place(label).as_object_mut()
    {
        fields.append(at);
    }
    object.to_string()
}

/// The form for programs of a mistake on the command line, from the text for people.
pub fn usage(text: &str) -> String {
    let said = text.strip_prefix("error: ").unwrap_or(text);
    let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut parts = said.split("\n\n").map(line).filter(|part| !part.is_empty());
    let message = parts.next().unwrap_or_default();
    let hint = parts.collect::<Vec<_>>().join("; ");
    plain("usage", "error", &message, &hint).to_string()
}

/// What every object for programs has; it names no place.
fn plain(code: &str, severity: &str, message: &str, hint: &str) -> serde_json::Value {
    json!({
        "event": "diagnostic",
        "code": code,
        "severity": severity,
        "message": message,
        "hint": hint,
        "notes": [],
        "also": [],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Span, codes};

    fn example() -> (Diagnostic, SourceMap) {
        let mut sources = SourceMap::default();
        let id = sources.add("m.rl", "dim D = 2\nloss a = oops\u{1b}[2J\n");
        let error = Diagnostic::new(codes::RL0101, "undefined name `oops`")
            .at(Span::new(id, 19, 23), "not declared")
            .also(Span::new(id, 4, 5), "did you mean this")
            .help("write `D`")
            .instead("D");
        (error, sources)
    }

    #[test]
    fn text_shows_both_places_and_no_escape() {
        let (error, sources) = example();
        let text = text(&error, &sources, false);
        for part in ["error[RL0101]: undefined name `oops`", "m.rl:2:10", "not declared", "help"] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        assert!(!text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn json_has_the_place() {
        let (error, sources) = example();
        let value: serde_json::Value = serde_json::from_str(&json(&error, &sources)).unwrap();
        assert_eq!(value["code"], "RL0101");
        assert_eq!(
            (&value["line"], &value["col"], &value["len"]),
            (&2.into(), &10.into(), &4.into())
        );
        assert_eq!(value["hint"], "write `D`");
        let edit = json!({ "file": "m.rl", "line": 2, "col": 10, "len": 4, "text": "D" });
        assert_eq!(value["edit"], edit);
    }
}
