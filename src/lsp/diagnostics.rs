//! Messages for the editor. In: what an analysis found. Out: diagnostics with places, codes, other places that
//! explain them, and the changes that mend them.

use super::analysis::Analysis;
use super::positions::range_of;
use super::world::World;
use crate::base::{Diagnostic, Label, Severity, Span};
use crate::syntax::ast::ItemKind;
use lsp_types::{
    DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString, Range,
};

/// What is wrong with a text, as it was analysed.
pub fn diagnostics(world: &World, analysis: &Analysis) -> Vec<lsp_types::Diagnostic> {
    analysis.found().iter().map(|one| diagnostic(world, analysis, one)).collect()
}

fn diagnostic(world: &World, analysis: &Analysis, one: &Diagnostic) -> lsp_types::Diagnostic {
    let severity = match one.severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Note => DiagnosticSeverity::INFORMATION,
    };
    let elsewhere = one.primary.iter().filter(|label| label.span.file != analysis.entry());
    let related = elsewhere.chain(&one.secondary).filter_map(|label| other(world, analysis, label));
    let related: Vec<DiagnosticRelatedInformation> = related.collect();
    lsp_types::Diagnostic {
        range: place(analysis, one),
        severity: Some(severity),
        code: Some(NumberOrString::String(one.code.name().into())),
        source: Some("rlc".into()),
        message: message(analysis, one),
        related_information: Some(related).filter(|related| !related.is_empty()),
        ..Default::default()
    }
}

/// The message with its label, facts and hints, a line each.
fn message(analysis: &Analysis, one: &Diagnostic) -> String {
    let mut text = one.message.clone();
    match &one.primary {
        Some(label) if label.span.file != analysis.entry() => {
            text = format!("{}: {text}", analysis.sources().file(label.span.file).name);
        }
        Some(label) if !label.text.is_empty() => text.push_str(&format!(" ({})", label.text)),
        _ => {}
    }
    one.notes.iter().for_each(|note| text.push_str(&format!("\nnote: {note}")));
    one.hints().iter().for_each(|hint| text.push_str(&format!("\nhelp: {hint}")));
    text
}

/// Where it is shown: of a mistake in another file, at what brings the file in.
fn place(analysis: &Analysis, one: &Diagnostic) -> Range {
    let span = one.primary.as_ref().map(|label| label.span);
    match span.map(|span| if span.file == analysis.entry() { Some(span) } else { use_of(analysis) })
    {
        Some(Some(span)) => range_of(&analysis.sources().file(span.file).text, span),
        _ => Range::default(),
    }
}

/// The first item that uses another file.
fn use_of(analysis: &Analysis) -> Option<Span> {
    let items = &analysis.tree(analysis.entry())?.items;
    items.iter().find(|item| matches!(item.kind, ItemKind::Use { .. })).map(|item| item.span)
}

fn other(
    world: &World,
    analysis: &Analysis,
    label: &Label,
) -> Option<DiagnosticRelatedInformation> {
    let Label { span, text } = label;
    let uri = match analysis.is_library(span.file) {
        true => world.pages.uri(span.file)?,
        false => world.uri_of(&analysis.path(span.file))?,
    };
    let range = range_of(&analysis.sources().file(span.file).text, *span);
    let message = if text.is_empty() { "here".into() } else { text.clone() };
    Some(DiagnosticRelatedInformation { location: Location { uri, range }, message })
}
