//! Names that stand twice in one list: formals, fields, variables of a density, arguments by name. In: a
//! tree. Out: a message for each. Only lists whose entries exist at the same time; that a later `let`
//! hides an earlier name is no mistake.

use super::ast::{
    Arg, Body, Callable, Density, Expr, ExprKind, Field, File, Formal, Ident, Item, ItemKind,
    RType, Stmt, StmtKind,
};
use crate::base::{Diagnostic, Span, codes};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Looks at all lists of a file.
pub fn twice(file: &File) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for item in &file.items {
        in_item(item, &mut found);
    }
    closed_forms(file, &mut found);
    for expr in &file.exprs {
        in_expr(expr, &mut found);
    }
    found.sort_by_key(|error| error.primary.as_ref().map_or(0, |label| label.span.start));
    found
}

fn in_item(item: &Item, found: &mut Vec<Diagnostic>) {
    match &item.kind {
        ItemKind::Data { fields, .. } => declared(fields.iter().map(|f| &f.name), found),
        ItemKind::Callable(callable) => in_callable(callable, found),
        ItemKind::Density(density) => in_density(density, found),
        ItemKind::Loss { body: Body::Block(body), .. } => in_body(body, found),
        ItemKind::Phase(phase) => in_body(&phase.body, found),
        ItemKind::Distribution(of) => {
            declared(of.formals.iter().map(|f| &f.name), found);
            declared(of.rows.iter().map(|(name, _)| name), found);
        }
        ItemKind::Divergence { q, p, .. } => declared([q, p], found),
        _ => {}
    }
}

/// Two families have one divergence. `KL` is the only kind.
fn closed_forms(file: &File, found: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<(&str, &str), Span> = HashMap::new();
    for item in &file.items {
        let ItemKind::Divergence { q_family, p_family, .. } = &item.kind else { continue };
        let span = q_family.span.to(p_family.span);
        let first = *seen.entry((&q_family.name, &p_family.name)).or_insert(span);
        if first != span {
            let (q, p) = (&q_family.name, &p_family.name);
            let text = format!("the divergence of `{q}` from `{p}` is declared twice");
            found.push(
                Diagnostic::new(codes::RL0102, text)
                    .at(span, "again here")
                    .also(first, "first here")
                    .help("keep one"),
            );
        }
    }
}

fn in_callable(callable: &Callable, found: &mut Vec<Diagnostic>) {
    let statics = callable.statics.iter().flatten();
    let formals: Vec<&Formal> = statics.chain(&callable.formals).collect();
    declared(formals.iter().map(|f| &f.name), found);
    for ty in formals.iter().filter_map(|f| f.ty.as_ref()).chain(&callable.result) {
        if let RType::Record(fields, _) = ty {
            declared(fields.iter().map(|field: &Field| &field.name), found);
        }
    }
    if let Body::Block(body) = &callable.body {
        in_body(body, found);
    }
}

/// A variable is what the density is over or what it is given, and is said once.
fn in_density(density: &Density, found: &mut Vec<Diagnostic>) {
    declared(density.over.iter().chain(&density.given).map(|v| &v.name), found);
    let said = density.body.iter().filter_map(|stmt| match &stmt.kind {
        StmtKind::Draw { name, .. } | StmtKind::Define { name, .. } => Some(name),
        _ => None,
    });
    let given = density.given.iter().map(|v| &v.name);
    declared(given.chain(said), found);
    in_body(&density.body, found);
}

fn in_body(body: &[Stmt], found: &mut Vec<Diagnostic>) {
    for stmt in body {
        match &stmt.kind {
            StmtKind::Let { names, .. } => declared(names, found),
            StmtKind::Repeat { body, .. } => in_body(body, found),
            _ => {}
        }
    }
}

fn in_expr(expr: &Expr, found: &mut Vec<Diagnostic>) {
    match &expr.kind {
        ExprKind::Lambda { params, .. } => declared(params, found),
        ExprKind::Scan { carry, over, body, .. } => {
            declared([carry].into_iter().chain(over.iter().map(|(name, _)| name)), found);
            in_body(body, found);
        }
        ExprKind::Tuple(parts) => declared(parts.iter().filter_map(|p| p.name.as_ref()), found),
        ExprKind::Call { args, rest, .. } => {
            given(args, found);
            given(rest, found);
        }
        ExprKind::Expect { options, .. } => given(options, found),
        _ => {}
    }
}

fn declared<'a>(names: impl IntoIterator<Item = &'a Ident>, found: &mut Vec<Diagnostic>) {
    for (first, again) in pairs(names) {
        found.push(declared_twice(&again.name, again.span, first.span));
    }
}

/// Two declarations of one name.
pub fn declared_twice(name: &str, again: Span, first: Span) -> Diagnostic {
    Diagnostic::new(codes::RL0102, format!("`{name}` is declared twice"))
        .at(again, "again here")
        .also(first, "first here")
        .help("rename one of them")
}

/// Two values for one argument.
pub fn given_twice(name: &str, again: Span, first: Span) -> Diagnostic {
    Diagnostic::new(codes::RL0104, format!("argument `{name}` is given twice"))
        .at(again, "again here")
        .also(first, "first here")
        .help("keep one")
}

fn given(args: &[Arg], found: &mut Vec<Diagnostic>) {
    for (first, again) in pairs(args.iter().filter_map(|arg| arg.name.as_ref())) {
        found.push(given_twice(&again.name, again.span, first.span));
    }
}

/// Each name that was there before, with the first of its name.
fn pairs<'a>(names: impl IntoIterator<Item = &'a Ident>) -> Vec<(&'a Ident, &'a Ident)> {
    let mut first = HashMap::new();
    let mut pairs = Vec::new();
    for name in names {
        match first.entry(name.name.as_str()) {
            Entry::Occupied(old) => pairs.push((*old.get(), name)),
            Entry::Vacant(new) => {
                new.insert(name);
            }
        }
    }
    pairs
}
