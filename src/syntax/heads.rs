//! What a reader is shown of a declaration: its head as it is written, and the comment that stands with it.
//! In: an item, its file and its text. Out: texts. Reference pages and editors read them alike.

use super::ast::{Body, File, Item, ItemKind};
use crate::base::Span;

/// The head of a declaration as it is written, in one line without its body. Arguments of the library that
/// state no type have the one that they take: a value of any shape, a number if the default is one, a
/// function if it is called.
pub fn head(item: &Item, file: &File, text: &str) -> String {
    let whole = &with_types(item, file, text);
    let block = whole.find(" {");
    let body = match &item.kind {
        ItemKind::Distribution(_) | ItemKind::Density(_) | ItemKind::Phase(_) => block,
        ItemKind::Callable(c) => body_at(&c.body, whole),
        ItemKind::Loss { body: Body::Block(_), .. } => block,
        _ => None,
    };
    line(&whole[..body.unwrap_or(whole.len())])
}

/// Text in one line.
pub fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where the body of a function begins.
fn body_at(body: &Body, whole: &str) -> Option<usize> {
    let Body::Expr(_) = body else { return whole.find(" {") };
    // The sign before the body is the first one on its own level.
    let mut depth = 0;
    whole.char_indices().find_map(|(at, c)| {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            _ => {}
        }
        (c == '=' && depth == 0).then_some(at)
    })
}

fn with_types(item: &Item, file: &File, text: &str) -> String {
    let (start, end) = (item.span.start as usize, item.span.end as usize);
    let mut whole = text[start..end].to_string();
    if let ItemKind::Callable(c) = &item.kind {
        let formals = c.statics.iter().flatten().chain(&c.formals);
        for formal in formals.filter(|f| f.ty.is_none()).collect::<Vec<_>>().into_iter().rev() {
            let default = formal.default.map(|e| file.expr(e).span);
            let default = default.map(|span| &text[span.start as usize..span.end as usize]);
            let call = format!("{}(", formal.name.name);
            let word = |c: char| c.is_alphanumeric() || c == '_';
            let called = text[start..end]
                .match_indices(&call)
                .any(|(at, _)| !text[start..start + at].ends_with(word));
            let ty = match default {
                _ if called => ": function",
                None => ": f32[...]",
                Some(number) if number.contains('.') => ": f32",
                Some(_) => ": int",
            };
            whole.insert_str(formal.name.span.end as usize - start, ty);
        }
    }
    whole
}

/// The comment lines right above a declaration that opens its line, in one line. Those that open the file are
/// about the file.
pub fn comment_above(text: &str, declaration: Span) -> String {
    let start = declaration.start as usize;
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let above: Vec<&str> = text[..line_start].lines().collect();
    let comments = above.iter().rev().map_while(|line| line.trim().strip_prefix("//"));
    let mut lines: Vec<&str> = comments.map(|line| line.trim_start_matches('/').trim()).collect();
    let opens_line = text[line_start..start].trim().is_empty();
    if !opens_line || lines.len() == above.len() {
        return String::new();
    }
    lines.reverse();
    line(&lines.join(" "))
}

/// The comment right behind a declaration, on the line that it ends on.
pub fn comment_behind(file: &File, text: &str, declaration: Span) -> String {
    let end = declaration.end as usize;
    let of = |span: Span| {
        let between = text.get(end..span.start as usize);
        between.is_some_and(|text| text.chars().all(|c| matches!(c, ' ' | '\t' | ',' | '}')))
    };
    let behind = file.comments.iter().find(|comment| comment.trailing && of(comment.span));
    behind.map_or(String::new(), |comment| line(comment.text.trim_start_matches('/')))
}
