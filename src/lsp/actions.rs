//! Quick fixes. In: a part of a text. Out: for each message there that is certain of what was meant, the change
//! that mends it.

use super::diagnostics::diagnostics;
use super::documents::Document;
use super::world::{World, changes};
use lsp_types::{CodeAction, CodeActionKind, CodeActionOrCommand, TextEdit};
use std::ops::Range;

/// The fixes of a part of a text.
pub fn actions(world: &World, doc: &Document, part: Range<usize>) -> Vec<CodeActionOrCommand> {
    let Some(analysis) = doc.last() else { return Vec::new() };
    let shown = diagnostics(world, analysis);
    let fixes = analysis.found().iter().zip(shown).filter_map(|(one, shown)| {
        let edit = one.edit.as_ref().filter(|edit| edit.span.file == analysis.entry())?;
        let place = one.primary.as_ref().map_or(edit.span, |label| label.span);
        let (first, last) = doc.now(analysis, place)?;
        let (start, end) = doc.now(analysis, edit.span)?;
        let meets = |first: usize, last: usize| first <= part.end && part.start <= last;
        if !meets(first, last) && !meets(start, end) {
            return None;
        }
        let old = analysis.text(edit.span);
        let title = match edit.text.trim() {
            "" => format!("Delete `{old}`"),
            new => format!("Replace `{old}` by `{new}`"),
        };
        let edit = TextEdit { range: doc.range(start, end), new_text: edit.text.clone() };
        Some(CodeActionOrCommand::CodeAction(CodeAction {
            title,
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![shown]),
            edit: Some(changes([(doc.uri.clone(), vec![edit])])),
            is_preferred: Some(true),
            ..Default::default()
        }))
    });
    fixes.collect()
}
