//! Names of columns and of fields. In: a column's name, the columns that there are. Out: the name of a
//! field that reads it, and what to say of a field that finds none.

use super::source::about;
use super::{FieldSpec, RawColumn, Table, shown};
use crate::base::{Diagnostic, codes, nearest};
use crate::syntax;

/// What a field is called that reads a column of this name: the name itself, if it is one of the
/// language; else every run of other characters is one `_`, a first digit has one before it, and a
/// word of the language one behind it.
pub fn as_name(column: &str) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut words = column.split(|c| !is_name(c)).filter(|word| !word.is_empty());
    let mut name = words.next().unwrap_or_default().to_string();
    words.for_each(|word| name = format!("{name}_{word}"));
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    if syntax::is_keyword(&name) {
        name.push('_');
    }
    name
}

/// A field of one value that is nearly called like a column means that column.
pub(super) fn misspelt(
    table: &Table,
    field: &FieldSpec,
    free: &[&RawColumn],
    origin: &str,
) -> Result<(), Diagnostic> {
    let names: Vec<String> = free.iter().map(|column| as_name(&column.name)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    // Names of one or two letters are all near each other.
    let long = field.name.chars().count() > 2;
    match nearest(&field.name, &names) {
        Some(near) if table.named && long && field.ty.shape.is_empty() => {
            Err(missing(table, field, origin).help(format!("did you mean `{near}`?")))
        }
        _ => Ok(()),
    }
}

/// A field that no column is for.
pub(super) fn missing(table: &Table, field: &FieldSpec, origin: &str) -> Diagnostic {
    let names: Vec<String> = table.columns.iter().take(20).map(|c| shown(&c.name)).collect();
    let error = about(codes::RL2063, origin, format!("nothing found for field `{}`", field.name));
    let error = error.note(format!("it has {} columns: {}", table.columns.len(), names.join(", ")));
    if let Some(line) = table.places.line(0).filter(|line| table.title(&field.name) && *line > 1) {
        return error.help(header_below(line));
    }
    let odd = table.columns.iter().find(|c| table.named && as_name(&c.name) != c.name);
    match odd.map(|column| (shown(&column.name), as_name(&column.name))) {
        Some((column, name)) if !name.is_empty() => error.help(format!(
            "give the field the name of its column; `{column}` is read by the name `{name}`"
        )),
        _ => error,
    }
}

/// What to do where the names stand in the first line that was read as a row.
pub fn header_below(line: u32) -> String {
    format!("if line {line} holds the names of the columns: `skip = {}`", line - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_names_that_fields_can_have() {
        for (column, name) in [
            ("my_x", "my_x"),
            ("my x", "my_x"),
            ("sepal length (cm)", "sepal_length_cm"),
            ("pop-2020", "pop_2020"),
            ("2020", "_2020"),
            ("state", "state_"),
            ("gr\u{f6}\u{df}e", "gr_e"),
            ("_a", "_a"),
            ("?", ""),
        ] {
            assert_eq!(as_name(column), name, "{column}");
        }
    }
}
