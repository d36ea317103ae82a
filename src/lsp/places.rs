//! What a place is in the tree of a text. In: a byte. Out: the call it is in, the pipe that leads there, the data
//! source that it is an argument of.

use super::analysis::Analysis;
use super::documents::Document;
use crate::base::Span;
use crate::syntax::Class;
use crate::syntax::ast::{BinOp, Expr, ExprKind, File, ItemKind};

/// What stands in the source of a data set.
pub enum InSource<'a> {
    /// Its name.
    Name,
    /// The keyword of an argument of this source.
    Option(&'a str),
    /// Something else.
    Else,
}

fn holds(span: Span, at: usize) -> bool {
    span.start as usize <= at && at < span.end as usize
}

/// What a byte is in the call of a data source.
pub fn in_source(doc: &Document, at: usize) -> Option<InSource<'_>> {
    let (file, _) = doc.tree();
    let source = file.items.iter().find_map(|item| match &item.kind {
        ItemKind::Data { source: Some(source), .. } => {
            Some(file.expr(*source)).filter(|expr| holds(expr.span, at))
        }
        _ => None,
    })?;
    Some(of_call(file, source, at))
}

fn of_call<'a>(file: &'a File, expr: &'a Expr, at: usize) -> InSource<'a> {
    match &expr.kind {
        ExprKind::Name(_) => InSource::Name,
        ExprKind::Call { callee, args, .. } => {
            let callee = file.expr(*callee);
            if holds(callee.span, at) {
                return InSource::Name;
            }
            let word = args.iter().filter_map(|arg| arg.name.as_ref());
            if word.into_iter().any(|name| holds(name.span, at)) {
                let ExprKind::Name(name) = &callee.kind else { return InSource::Else };
                return InSource::Option(name);
            }
            let inner = args.iter().map(|arg| file.expr(arg.value));
            // A source may be an argument of another one.
            let call = |expr: &&Expr| matches!(expr.kind, ExprKind::Call { .. });
            match inner.filter(call).find(|expr| holds(expr.span, at)) {
                Some(expr) => of_call(file, expr, at),
                None => InSource::Else,
            }
        }
        _ => InSource::Else,
    }
}

/// Whether the word at a byte is a name, not a keyword or a member.
pub fn is_name(doc: &Document, at: usize) -> bool {
    let found = doc.classes().binary_search_by_key(&at, |(start, ..)| *start);
    found.is_ok_and(|found| doc.classes()[found].2 == Class::Name)
}

/// The call or the pipe whose function stands at a byte: `f(x)` of `f`, `x |> L(n)` of `L`.
pub fn call_of(doc: &Document, at: usize) -> Option<Span> {
    let (file, _) = doc.tree();
    let callee = |expr: &Expr| match expr.kind {
        ExprKind::Call { callee, .. } => Some(file.expr(callee).span),
        ExprKind::Binary { op: BinOp::Pipe, rhs, .. } => Some(match &file.expr(rhs).kind {
            ExprKind::Call { callee, .. } => file.expr(*callee).span,
            _ => file.expr(rhs).span,
        }),
        _ => None,
    };
    let of = file.exprs.iter().filter(|expr| callee(expr).is_some_and(|span| holds(span, at)));
    // A template is called with its settings inside of the pipe that it is a part of.
    of.max_by_key(|expr| (matches!(expr.kind, ExprKind::Binary { .. }), expr.span.start))
        .map(|expr| expr.span)
}

/// What an analysis says of a span of the text as it is now, if that has not changed since.
pub fn then<'a>(doc: &Document, analysis: &'a Analysis, now: Span) -> Option<&'a [String]> {
    let start = doc.then(analysis, now.start as usize)?;
    let end = doc.then(analysis, now.end as usize)?;
    let span = Span { file: analysis.entry(), start: start as u32, end: end as u32 };
    let same = analysis.text(span) == &doc.text[now.start as usize..now.end as usize];
    analysis.ways(span).filter(|_| same)
}
