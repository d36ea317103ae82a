//! What is written and never read: statements after `return`, clauses of a phase of another kind, rows of
//! a distribution. In: a tree. Out: a message for each.

use super::ast::{Body, ExprId, ExprKind, File, ItemKind, Phase, PhaseKind, ROWS, Stmt, StmtKind};
use crate::base::{Diagnostic, codes, nearest};
use std::collections::HashSet;

/// Looks at all bodies and phases of a file.
pub fn idle(file: &File) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for item in &file.items {
        match &item.kind {
            ItemKind::Callable(callable) => in_body(&callable.body, &mut found),
            ItemKind::Loss { body, .. } => in_body(body, &mut found),
            ItemKind::Phase(phase) => in_phase(file, phase, &mut found),
            _ => {}
        }
    }
    for expr in &file.exprs {
        if let ExprKind::Scan { body, .. } = &expr.kind {
            after_return(body, &mut found);
        }
    }
    unread_rows(file, &mut found);
    found.sort_by_key(|error| error.primary.as_ref().map_or(0, |label| label.span.start));
    found
}

/// Rows that no other row and no closed form reads: a moment or a mark with a slip in its name.
fn unread_rows(file: &File, found: &mut Vec<Diagnostic>) {
    let families = file.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Distribution(family) => Some(family),
        _ => None,
    });
    let rows = families.flat_map(|of| of.rows.iter().map(move |(name, _)| (&of.name.name, name)));
    let mut own = rows.filter(|(_, row)| !ROWS.contains(&row.name.as_str())).peekable();
    if own.peek().is_none() {
        return;
    }
    let read: HashSet<&str> = file.exprs.iter().filter_map(|e| named(&e.kind)).collect();
    for (family, row) in own.filter(|(_, row)| !read.contains(row.name.as_str())) {
        let text = format!("nothing reads the row `{}` of `{family}`", row.name);
        let error = Diagnostic::new(codes::RL0118, text).at(row.span, "");
        found.push(match nearest(&row.name, ROWS) {
            Some(near) => error.meant(row.span, near),
            None => error.help(format!("rows with a meaning are {}", ROWS.join(", "))),
        });
    }
}

/// The name that an expression reads, if it is one or the member of another.
fn named(kind: &ExprKind) -> Option<&str> {
    match kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Member { name, .. } => Some(&name.name),
        _ => None,
    }
}

fn in_body(body: &Body, found: &mut Vec<Diagnostic>) {
    if let Body::Block(body) = body {
        after_return(body, found);
    }
}

fn after_return(body: &[Stmt], found: &mut Vec<Diagnostic>) {
    let end = body.iter().position(|stmt| matches!(stmt.kind, StmtKind::Return(_)));
    let Some(late) = end.and_then(|end| body.get(end + 1)) else { return };
    found.push(
        Diagnostic::new(codes::RL0120, "nothing after `return` is read")
            .at(late.span, "")
            .help("put it before `return`, or remove it"),
    );
}

fn in_phase(file: &File, phase: &Phase, found: &mut Vec<Diagnostic>) {
    let once = "other phases go over a split once";
    let clauses: [(Option<ExprId>, &str, PhaseKind, &str); 3] = [
        (phase.epochs, "epochs", PhaseKind::Train, once),
        (phase.steps, "steps", PhaseKind::Train, once),
        (phase.count, "count", PhaseKind::Sample, "write `batch`: so many rows at a time"),
    ];
    for (value, word, kind, help) in clauses {
        if let Some(value) = value.filter(|_| kind != phase.kind) {
            let text = format!("`{word}` has no meaning in a phase of this kind");
            let error = Diagnostic::new(codes::RL0120, text).at(file.expr(value).span, "");
            found.push(error.help(help));
        }
    }
    let (text, help) = if phase.epochs.is_some() && phase.steps.is_some() {
        ("the phase says twice how long it is", "leave one of `epochs` and `steps` out")
    } else if phase.count.is_some() && phase.batch.is_some() {
        ("the phase says twice how much it draws", "leave `batch` out: `count` says it")
    } else {
        return;
    };
    found.push(Diagnostic::new(codes::RL0120, text).at(phase.name.span, "").help(help));
}
