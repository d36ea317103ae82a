//! Types beside the text. In: a part of a text. Out: what each step of a pipe gives where the type changes, and
//! the types of what `let` names where none is written.

use super::analysis::Analysis;
use super::documents::Document;
use super::places;
use crate::base::Span;
use crate::syntax::ast::{BinOp, Body, Expr, ExprKind, File, ItemKind, Stmt, StmtKind};
use lsp_types::{InlayHint, InlayHintKind, InlayHintLabel};
use std::ops::Range;

/// Longer ones hide the text.
const LONGEST: usize = 48;

/// The hints of a part of a text.
pub fn hints(doc: &Document, part: Range<usize>) -> Vec<InlayHint> {
    let (file, _) = doc.tree();
    let mut found: Vec<(usize, String, InlayHintKind)> = Vec::new();
    for expr in file.exprs.iter().filter(|expr| meets(expr.span, &part)) {
        found.extend(steps(doc, file, expr));
        if let ExprKind::Scan { body, .. } = &expr.kind {
            lets(doc, file, body, &mut found);
        }
    }
    for item in file.items.iter().filter(|item| meets(item.span, &part)) {
        bodies(&item.kind).into_iter().for_each(|body| lets(doc, file, body, &mut found));
    }
    let inside = |at: &usize| part.start <= *at && *at <= part.end;
    found.retain(|(at, text, _)| inside(at) && text.chars().count() <= LONGEST);
    found.sort_by_key(|(at, ..)| *at);
    found.dedup();
    found.into_iter().map(|(at, text, kind)| hint(doc, at, text, kind)).collect()
}

fn meets(span: Span, part: &Range<usize>) -> bool {
    (span.start as usize) < part.end && part.start <= span.end as usize
}

/// The statements of an item.
fn bodies(item: &ItemKind) -> Option<&[Stmt]> {
    match item {
        ItemKind::Callable(c) => match &c.body {
            Body::Block(body) => Some(body),
            Body::Expr(_) => None,
        },
        ItemKind::Density(d) => Some(&d.body),
        ItemKind::Phase(p) => Some(&p.body),
        ItemKind::Loss { body: Body::Block(body), .. } => Some(body),
        _ => None,
    }
}

/// The step of a pipe: what it gives, if that has another type than what it is given.
fn steps(doc: &Document, file: &File, expr: &Expr) -> Option<(usize, String, InlayHintKind)> {
    let ExprKind::Binary { op: BinOp::Pipe, lhs, .. } = &expr.kind else { return None };
    let given = ways(doc, file.expr(*lhs).span).map(shapes);
    let gives = ways(doc, expr.span).map(shapes)?;
    let text = shown(&gives).filter(|_| given.as_ref() != Some(&gives))?;
    Some((expr.span.end as usize, text, InlayHintKind::TYPE))
}

fn lets(
    doc: &Document,
    file: &File,
    body: &[Stmt],
    found: &mut Vec<(usize, String, InlayHintKind)>,
) {
    for stmt in body {
        match &stmt.kind {
            StmtKind::Let { names, tuple, ty: None, draws: false, value } => {
                let ways = ways(doc, file.expr(*value).span).map(shapes);
                let Some(text) = ways.and_then(|ways| shown(&ways)) else { continue };
                let end = names.last().map_or(stmt.span.start, |name| name.span.end) as usize;
                // Behind the parenthesis of a tuple.
                let close = |at: usize| doc.text[at..].find(')').map_or(at, |more| at + more + 1);
                let end = if *tuple { close(end) } else { end };
                found.push((end, format!(": {text}"), InlayHintKind::TYPE));
            }
            StmtKind::Repeat { body, .. } => lets(doc, file, body, found),
            _ => {}
        }
    }
}

/// Types without the ranges of their values, each once.
fn shapes(ways: Vec<String>) -> Vec<String> {
    let short = |way: String| way.split(" in ").next().unwrap_or("").to_string();
    let mut ways: Vec<String> = match ways.iter().any(|way| way.starts_with('(')) {
        true => ways,
        false => ways.into_iter().map(short).collect(),
    };
    ways.dedup();
    ways
}

/// What the `let` whose name starts at a byte names.
pub fn of_let(doc: &Document, at: usize) -> Option<Vec<String>> {
    let (file, _) = doc.tree();
    let all = file.items.iter().filter_map(|item| bodies(&item.kind)).flatten();
    let inner = file.exprs.iter().filter_map(|expr| match &expr.kind {
        ExprKind::Scan { body, .. } => Some(body),
        _ => None,
    });
    let value = |stmt: &Stmt| match &stmt.kind {
        StmtKind::Let { names, value, draws: false, .. } => {
            names.iter().any(|name| name.span.start as usize == at).then_some(*value)
        }
        _ => None,
    };
    let value = all.chain(inner.flatten()).find_map(value)?;
    ways(doc, file.expr(value).span)
}

/// What an expression is, in every way that it was read.
fn ways(doc: &Document, now: Span) -> Option<Vec<String>> {
    let of = |analysis: &Analysis, _| places::then(doc, analysis, now).map(<[String]>::to_vec);
    doc.look(now.end as usize, of)
}

/// Types in one line; nothing of what is no value.
fn shown(ways: &[String]) -> Option<String> {
    let is_type = |way: &String| {
        let words = ["f32", "bit", "idx", "int", "bool", "count", "("];
        words.iter().any(|word| way.starts_with(word)) && !way.contains(" = ")
    };
    ways.iter().all(is_type).then(|| ways.join(" | "))
}

fn hint(doc: &Document, at: usize, text: String, kind: InlayHintKind) -> InlayHint {
    InlayHint {
        position: doc.lines.position(&doc.text, at),
        padding_left: Some(!text.starts_with(':')),
        label: InlayHintLabel::String(text),
        kind: Some(kind),
        text_edits: None,
        tooltip: None,
        padding_right: None,
        data: None,
    }
}
