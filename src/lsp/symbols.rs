//! The outline of a file. In: a text. Out: its declarations, with those inside of them.

use super::documents::Document;
use crate::syntax::declared::{Declared, Kind, declared};
use crate::syntax::heads;
use lsp_types::{DocumentSymbol, SymbolKind};

/// The declarations of a text, as far as it parses.
pub fn symbols(doc: &Document) -> Vec<DocumentSymbol> {
    let (file, _) = doc.tree();
    let all = declared(file);
    let of_file = all.iter().filter(|one| is_outer(one, file.items[one.item].span));
    let outer = of_file.map(|one| {
        let item = &file.items[one.item];
        let is_inner = |other: &&Declared| {
            let field = [Kind::Field, Kind::Param, Kind::State].contains(&other.kind);
            other.item == one.item && field && other.whole != item.span
        };
        let inner = all.iter().filter(is_inner).map(|other| symbol(doc, other, String::new()));
        let head = heads::head(item, file, &doc.text);
        let children: Vec<DocumentSymbol> = inner.collect();
        DocumentSymbol {
            children: Some(children).filter(|list| !list.is_empty()),
            ..symbol(doc, one, head)
        }
    });
    outer.collect()
}

fn is_outer(one: &Declared, item: crate::base::Span) -> bool {
    one.kind.is_of_file() && (one.whole == item || one.kind == Kind::Dim)
}

#[allow(deprecated, reason = "the type has a field that is no longer used")]
fn symbol(doc: &Document, one: &Declared, head: String) -> DocumentSymbol {
    let range = |span: crate::base::Span| doc.range(span.start as usize, span.end as usize);
    DocumentSymbol {
        name: one.name.name.clone(),
        detail: Some(head).filter(|head| !head.is_empty()),
        kind: kind(one.kind),
        tags: None,
        deprecated: None,
        range: range(one.whole),
        selection_range: range(one.name.span),
        children: None,
    }
}

fn kind(kind: Kind) -> SymbolKind {
    match kind {
        Kind::Import => SymbolKind::MODULE,
        Kind::Dim | Kind::Const | Kind::Config => SymbolKind::CONSTANT,
        Kind::Data => SymbolKind::STRUCT,
        Kind::Field => SymbolKind::FIELD,
        Kind::Function | Kind::Density => SymbolKind::FUNCTION,
        Kind::Module | Kind::Distribution => SymbolKind::CLASS,
        Kind::Phase => SymbolKind::EVENT,
        _ => SymbolKind::VARIABLE,
    }
}
