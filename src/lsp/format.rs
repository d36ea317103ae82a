//! The canonical form of a text. In: a text. Out: the change that leads there, as small as it can be, so that
//! the cursor stays where it is.

use super::changes::Change;
use super::documents::Document;
use crate::syntax;
use lsp_types::TextEdit;

/// The changes; none where there is nothing to change.
///
/// # Errors
/// Why the text cannot be formatted: it does not parse, or would be too long.
pub fn format(doc: &Document) -> Result<Vec<TextEdit>, String> {
    let (file, found) = doc.tree();
    if let Some(first) = found.list.first().filter(|_| found.has_errors()) {
        return Err(format!("the file does not parse: {}", first.message));
    }
    let new = syntax::format(file, &doc.text);
    if new.len() > syntax::MAX_BYTES {
        return Err("formatted, the file would be longer than a file may be".into());
    }
    let Change { start, old_end, new_end } = Change::between(&doc.text, &new);
    if start == old_end && start == new_end {
        return Ok(Vec::new());
    }
    let new_text = new[start..new_end].to_string();
    Ok(vec![TextEdit { range: doc.range(start, old_end), new_text }])
}
